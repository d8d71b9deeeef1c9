/**
 * concat on the device: see `src/ops/concat.ts`.
 *
 * The obvious kernel joins two tensors; more are joined one after the other. The fast one joins up to seven at once, on
 * axes 0 and 1 of images and features, with one fetch for four numbers (`packed-assembly.ts`).
 */
import type { ConcatAttributes } from '../../ops/index.ts';
import type { Shape } from '../../tensor/shape.ts';
import type { Argument, GpuOperator, NodeView, Step } from './kernel.ts';
import { assemblyStep } from './packed-assembly.ts';
import { following, placeTables, type Source } from './places.ts';
import { plainInput, plainKernel } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

/** Where the place in the first tensor is negative, the number is of the second. */
function join(
  this: Thread,
  first: Planes,
  second: Planes,
  byPlane: Planes,
  byRow: Planes,
  byColumn: Planes,
): number {
  const plane =
    byPlane[0]![0]![this.thread.z]! + byRow[0]![0]![this.thread.y]! + byColumn[0]![0]![this.thread.x]!;
  const row =
    byPlane[0]![1]![this.thread.z]! + byRow[0]![1]![this.thread.y]! + byColumn[0]![1]![this.thread.x]!;
  const column =
    byPlane[0]![2]![this.thread.z]! + byRow[0]![2]![this.thread.y]! + byColumn[0]![2]![this.thread.x]!;
  if (plane >= 0 && row >= 0 && column >= 0) return first[plane]![row]![column]!;
  const plane2 =
    byPlane[0]![3]![this.thread.z]! + byRow[0]![3]![this.thread.y]! + byColumn[0]![3]![this.thread.x]!;
  const row2 =
    byPlane[0]![4]![this.thread.z]! + byRow[0]![4]![this.thread.y]! + byColumn[0]![4]![this.thread.x]!;
  const column2 =
    byPlane[0]![5]![this.thread.z]! + byRow[0]![5]![this.thread.y]! + byColumn[0]![5]![this.thread.x]!;
  return second[plane2]![row2]![column2]!;
}

/** The part of a result from `first` on, along an axis. */
const part = (shape: Shape, axis: number, first: number): Source => ({
  shape,
  places: shape.map((size, a) =>
    a === axis ? { follows: a, at: (i) => (i < first + size ? i - first : -1) } : following(a),
  ),
});

function obvious({
  inputs,
  attributes,
}: NodeView<Required<ConcatAttributes>>): ReturnType<GpuOperator['obvious']> {
  const rank = inputs[0]!.length;
  const axis = attributes.axis < 0 ? attributes.axis + rank : attributes.axis;
  const steps: Step[] = [];
  let joined: { readonly shape: Shape; readonly argument: Argument } = {
    shape: inputs[0]!,
    argument: plainInput(0),
  };
  // A single tensor is joined with itself: the second part is never reached.
  const others = inputs.length > 1 ? inputs.slice(1).map((_, k) => k + 1) : [0];
  for (const k of others) {
    const size = joined.shape[axis]!;
    const shape = inputs.length > 1 ? joined.shape.with(axis, size + inputs[k]![axis]!) : joined.shape;
    const tables = placeTables(shape, [part(joined.shape, axis, 0), part(inputs[k]!, axis, size)]);
    const spec = plainKernel('concat', join, {}, shape);
    steps.push({ spec, arguments: [joined.argument, plainInput(k), ...tables] });
    joined = { shape, argument: { from: 'step', index: steps.length - 1 } };
  }
  return { steps, outputs: [steps.length - 1] };
}

function fast(node: NodeView<Required<ConcatAttributes>>): ReturnType<NonNullable<GpuOperator['fast']>> {
  const { inputs, attributes } = node;
  const axis = attributes.axis < 0 ? attributes.axis + inputs[0]!.length : attributes.axis;
  if (axis > 1) return undefined;
  let first = 0;
  const stretches = inputs.map((shape, input) => {
    const range = [first, shape[axis]!] as const;
    first += shape[axis]!;
    return axis === 0 ? { input, images: range } : { input, channels: range };
  });
  const step = assemblyStep(node, 0, stretches);
  return step && { steps: [step], outputs: [0] };
}

export const concatKernels: GpuOperator<Required<ConcatAttributes>> = { obvious, fast };
