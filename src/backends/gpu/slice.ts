/**
 * slice on the device: see `src/ops/slice.ts`.
 *
 * Which elements of an axis are kept is asked of the reference operator itself, on the list 0, 1, 2, … The fast kernel
 * does those slices that keep neighbours, in order.
 */
import { slice, type SliceAttributes } from '../../ops/index.ts';
import { tensor } from '../../tensor/tensor.ts';
import type { GpuOperator, NodeView } from './kernel.ts';
import { assemblyStep } from './packed-assembly.ts';
import { gathering } from './places.ts';

type View = NodeView<Required<SliceAttributes>>;

/** The elements of each axis that are kept. */
function kept({ inputs, attributes: { begin, end, step } }: View): ArrayLike<number>[] {
  return inputs[0]!.map((size, axis) => {
    const all = tensor(
      [size],
      Float64Array.from({ length: size }, (_, i) => i),
    );
    const [from, to, by] = [begin[axis] ?? null, end[axis] ?? null, step[axis] ?? 1];
    return slice(all, { begin: [from], end: [to], step: [by] }).data;
  });
}

export const sliceKernels: GpuOperator<Required<SliceAttributes>> = {
  obvious(node) {
    const places = kept(node).map((list, axis) => ({ follows: axis, at: (i: number) => list[i]! }));
    return gathering(node.outputs[0]!, { shape: node.inputs[0]!, places });
  },
  fast(node) {
    const lists = kept(node);
    if (lists.some((list) => list.length > 1 && list[1]! - list[0]! !== 1)) return undefined;
    const [fromImage = 0, fromChannel = 0, fromRow = 0, fromColumn = 0] = lists.map((list) => list[0]!);
    const step = assemblyStep(node, 0, [{ input: 0, fromImage, fromChannel, fromRow, fromColumn }]);
    return step && { steps: [step], outputs: [0] };
  },
};
