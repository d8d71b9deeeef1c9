/** A program while it runs: constants and inputs go into its memory, its steps are run, outputs are read. */
import { type Graph, lookUp, type ParameterSource } from '../../graph/index.ts';
import { operators, type OperatorName, runOperator } from '../../ops/index.ts';
import { DffError } from '../../tensor/errors.ts';
import { elementCount, type Shape } from '../../tensor/shape.ts';
import { type Tensor, tensor } from '../../tensor/tensor.ts';
import type { Address } from './kernel.ts';
import type { LinkedProgram } from './link.ts';
import type { HostCall } from './lowering.ts';
import { control, resetProgram, type StepRange, stepTimes } from './program.ts';
import { PLAN_DISPOSED, type TeamProgram } from './team.ts';

/** A program in memory, and the team that runs it. */
export interface Running {
  readonly linked: LinkedProgram;
  readonly program: TeamProgram;
  /** The whole memory by kinds of numbers. */
  readonly floats: Float32Array;
  readonly words: Int32Array;
  disposed: boolean;
}

export function startRunning(linked: LinkedProgram, program: TeamProgram): Running {
  const { buffer } = linked.memory;
  return {
    linked,
    program,
    floats: new Float32Array(buffer),
    words: new Int32Array(buffer),
    disposed: false,
  };
}

export function write({ floats, linked }: Running, place: Address, { data }: Tensor): void {
  floats.set(data, linked.address(place) / 4);
}

export function read({ floats, linked }: Running, place: Address, shape: Shape): Tensor {
  const start = linked.address(place) / 4;
  return tensor(shape, floats.slice(start, start + elementCount(shape)));
}

export async function fillConstants(
  running: Running,
  graph: Graph,
  parameters: ParameterSource,
): Promise<void> {
  const { floats, linked } = running;
  const copy = (index: number, target: number): void => {
    const { name, shape } = graph.parameters[index]!;
    floats.set(lookUp(parameters, name, shape).data, target / 4);
  };
  for (const { parameter, target } of linked.copies) copy(parameter, target);
  for (const { parameter, source, steps } of linked.preparations) {
    copy(parameter, source);
    await runSteps(running, steps, undefined);
  }
}

/**
 * Runs everything in order; how long each node took, in milliseconds.
 *
 * @throws DffError where the plan is disposed of meanwhile; the signal's reason when it is aborted
 */
export async function runSegments(
  running: Running,
  graph: Graph,
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  const { linked } = running;
  const milliseconds = graph.nodes.map(() => 0);
  for (const segment of linked.segments) {
    if (!('first' in segment)) {
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
async function runSteps(running: Running, steps: StepRange, signal: AbortSignal | undefined): Promise<void> {
  const { linked, program } = running;
  resetProgram(linked.memory, linked.steps, steps);
  const stop = (): void => cancel(running);
  signal?.addEventListener('abort', stop);
  try {
    await program.run(steps);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  if (running.disposed) throw new DffError(PLAN_DISPOSED);
  signal?.throwIfAborted();
}

/** Ends what runs after the step it is at. */
export function cancel({ words }: Running): void {
  Atomics.store(words, control.cancel / 4, 1);
}

/** A node on the reference kernels, its values read from and written to the memory. */
function callReference(running: Running, { node, inputs, inputShapes, outputs }: HostCall): void {
  const operator = operators[node.operator as OperatorName];
  const given = inputs.map((place, k) => read(running, place, inputShapes[k]!));
  runOperator(operator, given, node.attributes).forEach((result, k) => write(running, outputs[k]!, result));
}
