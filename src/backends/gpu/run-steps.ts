/** Launches the steps of a node in order, and frees what they made as soon as no later step reads it. */
import type { Device } from './device.ts';
import type { Handle } from './gpujs.ts';
import type { Argument, KernelSpec } from './kernel.ts';

type StepArgument = Extract<Argument, { from: 'step' }>;

/** A step whose kernel was acquired. */
export interface ReadyStep<A> {
  readonly key: string;
  readonly spec: KernelSpec;
  readonly arguments: readonly (A | StepArgument)[];
}

/**
 * @param outputs steps whose results the caller wants, and then owns
 * @param handleOf finds arguments other than results of steps
 */
export async function runSteps<A extends { readonly from: string }>(
  device: Device,
  steps: readonly ReadyStep<A>[],
  outputs: readonly number[],
  handleOf: (argument: A) => Promise<Handle>,
): Promise<Handle[]> {
  const results: (readonly Handle[])[] = [];
  const alive = new Set<number>();
  const lastReader = lastReaders(steps);
  const free = (step: number): void => {
    results[step]!.forEach((handle) => device.free(handle));
    alive.delete(step);
  };
  try {
    for (const [index, { key, spec, arguments: list }] of steps.entries()) {
      const handles: Handle[] = [];
      for (const argument of list) {
        handles.push(
          isStep(argument) ? results[argument.index]![argument.part ?? 0]! : await handleOf(argument),
        );
      }
      results.push(await device.launch(key, spec, handles));
      alive.add(index);
      for (const step of alive) if (lastReader[step]! <= index && !outputs.includes(step)) free(step);
    }
  } catch (error) {
    alive.forEach(free);
    throw error;
  }
  return outputs.map((step) => results[step]![0]!);
}

const isStep = (argument: { readonly from: string }): argument is StepArgument => argument.from === 'step';

/** For each step the last one that reads its result; itself where none does. */
function lastReaders<A extends { readonly from: string }>(steps: readonly ReadyStep<A>[]): number[] {
  const last = steps.map((_, index) => index);
  for (const [index, step] of steps.entries()) {
    for (const argument of step.arguments) if (isStep(argument)) last[argument.index] = index;
  }
  return last;
}
