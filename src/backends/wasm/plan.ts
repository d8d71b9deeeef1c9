/** A plan: a linked program, fed and read through its memory. */
import { checkedFeed, type Graph, type ParameterSource, shapeOf } from '../../graph/index.ts';
import { DffError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { NodeReport } from '../backend.ts';
import { compileModule } from './compile-module.ts';
import type { LinkedProgram } from './link.ts';
import type { LoweredGraph } from './lowering.ts';
import { createQueue } from './queue.ts';
import { cancel, fillConstants, read, type Running, runSegments, startRunning, write } from './running.ts';
import { PLAN_DISPOSED, type Team } from './team.ts';

export interface ProgramPlan {
  /**
   * Runs of one plan share its memory: one after the other.
   *
   * @throws DffError where the plan was disposed of, before or in the meantime; the signal's reason when it is aborted
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    signal: AbortSignal | undefined,
  ): Promise<Record<string, Tensor>>;
  report(): readonly NodeReport[];
  /** Bytes of the plan's memory. */
  readonly bytes: number;
  /** Gives the memory back. What runs ends after the step it is at. */
  dispose(): void;
}

/** Fills the constants of a linked program and makes it ready to run. */
export async function preparePlan(
  team: Team,
  graph: Graph,
  { inputs, outputs, kernels }: LoweredGraph,
  linked: LinkedProgram,
  parameters: ParameterSource,
): Promise<ProgramPlan> {
  const bytes = linked.memory.buffer.byteLength;
  const program = await team.open(await compileModule(linked.module), linked.memory);
  // Undefined afterwards: a plan that was disposed of must not hold its memory, even if somebody holds the plan.
  let running: Running | undefined = startRunning(linked, program);
  try {
    await fillConstants(running, graph, parameters);
  } catch (error) {
    program.close();
    throw error;
  }
  let milliseconds: readonly number[] = graph.nodes.map(() => 0);
  const inTurn = createQueue();

  async function run(
    feeds: readonly Tensor[],
    signal: AbortSignal | undefined,
  ): Promise<Record<string, Tensor>> {
    signal?.throwIfAborted();
    const now = running;
    if (!now) throw new DffError(PLAN_DISPOSED);
    feeds.forEach((fed, index) => write(now, inputs[index]!, fed));
    milliseconds = await runSegments(now, graph, signal);
    const results = graph.outputs.map(({ name, value }, index): [string, Tensor] => {
      return [name, read(now, outputs[index]!, shapeOf(graph, value))];
    });
    return Object.fromEntries(results);
  }

  return {
    bytes,
    run(feeds, signal) {
      const fed = graph.inputs.map((port) => checkedFeed(feeds, port));
      return inTurn(() => run(fed, signal));
    },
    report: () =>
      graph.nodes.map(({ name, operator }, index) => ({
        name,
        operator,
        kernel: kernels[index]!,
        where: kernels[index] === 'reference' ? 'host' : team.where,
        milliseconds: milliseconds[index]!,
      })),
    dispose() {
      if (!running) return;
      running.disposed = true;
      cancel(running);
      running.program.close();
      running = undefined;
    },
  };
}
