/** A plan: a linked program, fed and read through its memory. */
import { checkedFeed, type Graph, lookUp, type ParameterSource, shapeOf } from '../../graph/index.ts';
import { operators, type OperatorName, runOperator } from '../../ops/index.ts';
import { DffError, UnsupportedBackendError } from '../../tensor/errors.ts';
import { elementCount, type Shape } from '../../tensor/shape.ts';
import { type Tensor, tensor } from '../../tensor/tensor.ts';
import type { NodeReport, RunOptions } from '../backend.ts';
import type { LinkedProgram } from './link.ts';
import type { HostCall, LoweredGraph } from './lowering.ts';
import { control, resetProgram, type StepRange, stepTimes } from './program.ts';
import type { Team, TeamProgram } from './team.ts';

export interface ProgramPlan {
  run(
    feeds: Readonly<Record<string, Tensor>>,
    options: Pick<RunOptions, 'signal'>,
  ): Promise<Record<string, Tensor>>;
  report(): readonly NodeReport[];
  /** Bytes of the plan's memory. */
  readonly bytes: number;
  dispose(): void;
}

/** A program in memory, and the team that runs it. */
interface Running {
  readonly linked: LinkedProgram;
  readonly program: TeamProgram;
  /** The whole memory by kinds of numbers. */
  readonly floats: Float32Array;
  readonly words: Int32Array;
}

/** Fills the constants of a linked program and makes it ready to run. */
export async function preparePlan(
  team: Team,
  graph: Graph,
  lowered: LoweredGraph,
  linked: LinkedProgram,
  parameters: ParameterSource,
): Promise<ProgramPlan> {
  const { buffer } = linked.memory;
  const program = await team.open(await compileModule(linked.module), linked.memory);
  const running: Running = {
    linked,
    program,
    floats: new Float32Array(buffer),
    words: new Int32Array(buffer),
  };
  await fillConstants(running, graph, parameters);
  let milliseconds: readonly number[] = graph.nodes.map(() => 0);
  let last: Promise<unknown> = Promise.resolve();
  let disposed = false;

  async function run(
    feeds: readonly Tensor[],
    signal: AbortSignal | undefined,
  ): Promise<Record<string, Tensor>> {
    signal?.throwIfAborted();
    if (disposed) throw new DffError('wasm: this plan was disposed of');
    feeds.forEach((fed, index) => write(running, linked.address(lowered.inputs[index]!), fed));
    milliseconds = await runSegments(running, graph, signal);
    const results = graph.outputs.map(({ name, value }, index): [string, Tensor] => {
      return [name, read(running, linked.address(lowered.outputs[index]!), shapeOf(graph, value))];
    });
    return Object.fromEntries(results);
  }

  return {
    bytes: buffer.byteLength,
    run(feeds, { signal }) {
      const fed = graph.inputs.map((port) => checkedFeed(feeds, port));
      // Runs of one plan share its memory: one after the other, whatever became of the one before.
      const next = (): Promise<Record<string, Tensor>> => run(fed, signal);
      const done = last.then(next, next);
      last = done.catch(() => {});
      return done;
    },
    report: () =>
      graph.nodes.map(({ name, operator }, index) => ({
        name,
        operator,
        kernel: lowered.kernels[index]!,
        where: lowered.kernels[index] === 'reference' ? 'host' : team.where,
        milliseconds: milliseconds[index]!,
      })),
    dispose() {
      disposed = true;
      program.close();
    },
  };
}

/** @throws UnsupportedBackendError where a content-security policy forbids compiling */
async function compileModule(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = "a page's content-security policy must allow 'wasm-unsafe-eval'";
    throw new UnsupportedBackendError(`backend wasm: the module does not compile (${reason}); ${hint}`);
  }
}

function write({ floats }: Running, address: number, { data }: Tensor): void {
  floats.set(data, address / 4);
}

function read({ floats }: Running, address: number, shape: Shape): Tensor {
  return tensor(shape, floats.slice(address / 4, address / 4 + elementCount(shape)));
}

async function fillConstants(running: Running, graph: Graph, parameters: ParameterSource): Promise<void> {
  const { linked } = running;
  const parameter = (index: number): Tensor => {
    const { name, shape } = graph.parameters[index]!;
    return lookUp(parameters, name, shape);
  };
  for (const { parameter: index, target } of linked.copies) write(running, target, parameter(index));
  for (const { parameter: index, source, steps } of linked.preparations) {
    write(running, source, parameter(index));
    await runSteps(running, steps, undefined);
  }
}

/** Runs everything in order; how long each node took, in milliseconds. */
async function runSegments(
  running: Running,
  graph: Graph,
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  const { linked } = running;
  const milliseconds = graph.nodes.map(() => 0);
  for (const segment of linked.segments) {
    if (!('first' in segment)) {
      signal?.throwIfAborted();
      const start = performance.now();
      callReference(running, segment);
      milliseconds[graph.nodes.indexOf(segment.node)]! += performance.now() - start;
      continue;
    }
    await runSteps(running, segment, signal);
    stepTimes(linked.memory, linked.steps, segment).forEach((time, k) => {
      milliseconds[linked.stepNodes[segment.first + k]!]! += time;
    });
  }
  return milliseconds;
}

/** Runs steps; an aborted signal ends them after the step that is running. */
async function runSteps(
  { linked, program, words }: Running,
  steps: StepRange,
  signal: AbortSignal | undefined,
): Promise<void> {
  resetProgram(linked.memory, linked.steps, steps);
  const cancel = (): void => void Atomics.store(words, control.cancel / 4, 1);
  signal?.addEventListener('abort', cancel);
  try {
    await program.run(steps);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
  signal?.throwIfAborted();
}

/** A node on the reference kernels, its values read from and written to the memory. */
function callReference(running: Running, { node, inputs, inputShapes, outputs }: HostCall): void {
  const { address } = running.linked;
  const operator = operators[node.operator as OperatorName];
  const given = inputs.map((place, k) => read(running, address(place), inputShapes[k]!));
  runOperator(operator, given, node.attributes).forEach((result, k) => {
    write(running, address(outputs[k]!), result);
  });
}
