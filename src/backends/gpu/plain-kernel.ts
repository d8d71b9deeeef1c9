/** Obvious kernels: functions on plain tensors, one number of the result per invocation. */
import type { Shape } from '../../tensor/shape.ts';
import type { Argument, KernelSpec, Lowering } from './kernel.ts';
import { plainAxes, plainLayout } from './layout.ts';
import type { Thread } from './thread.ts';

/** A kernel function, typed by the letters that it reads from `this.constants`. */
type KernelFunction<Letters extends string> = (this: Thread<Letters>, ...args: never[]) => number;

/** The specification of a kernel function that computes a tensor of a shape. */
export function plainKernel<Letters extends string>(
  name: string,
  kernel: KernelFunction<Letters>,
  constants: Readonly<Record<Letters, number>>,
  shape: Shape,
): KernelSpec {
  return {
    name,
    source: kernel.toString(),
    constants,
    output: plainAxes(shape),
    gives: 'number',
    result: plainLayout(shape),
  };
}

/** A lowering of one plain kernel. */
export function oneStep(spec: KernelSpec, args: readonly Argument[]): Lowering {
  return { steps: [{ spec, arguments: args }], outputs: [0] };
}

/** Input `index` as plain numbers. */
export const plainInput = (index: number): Argument => ({ from: 'input', index, as: 'plain' });

/** Numbers that follow from shapes and attributes, seen as a tensor of a shape. */
export function plainTable(shape: Shape, data: ArrayLike<number>): Argument {
  return { from: 'table', upload: { layout: plainLayout(shape), data: Float32Array.from(data) } };
}

/** What a kernel reads where an optional input is missing: a single 0. */
export const nothing: Argument = plainTable([1], [0]);

/** Input `index`, or nothing where the node does not have it. */
export const optionalInput = (inputs: readonly Shape[], index: number): Argument =>
  index < inputs.length ? plainInput(index) : nothing;
