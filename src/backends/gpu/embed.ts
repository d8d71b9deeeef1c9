/** embed on the device: see `src/ops/embed.ts`. */
import type { EmbedAttributes } from '../../ops/index.ts';
import type { GpuOperator } from './kernel.ts';
import { placeTables } from './places.ts';
import { oneStep, plainInput, plainKernel } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

/** A number whose place in the data is negative is 0. */
function embed(this: Thread, data: Planes, byPlane: Planes, byRow: Planes, byColumn: Planes): number {
  const plane =
    byPlane[0]![0]![this.thread.z]! + byRow[0]![0]![this.thread.y]! + byColumn[0]![0]![this.thread.x]!;
  const row =
    byPlane[0]![1]![this.thread.z]! + byRow[0]![1]![this.thread.y]! + byColumn[0]![1]![this.thread.x]!;
  const column =
    byPlane[0]![2]![this.thread.z]! + byRow[0]![2]![this.thread.y]! + byColumn[0]![2]![this.thread.x]!;
  if (plane < 0 || row < 0 || column < 0) return 0;
  return data[plane]![row]![column]!;
}

export const embedKernels: GpuOperator<Required<EmbedAttributes>> = {
  obvious({ inputs, outputs, attributes: { begin, step } }) {
    const [data, result] = [inputs[0]!, outputs[0]!];
    const places = data.map((size, axis) => {
      const by = step[axis] ?? 1;
      const indices = new Map(Array.from({ length: size }, (_, i) => [begin[axis]! + i * by, i]));
      return { follows: axis, at: (index: number) => indices.get(index) ?? -1 };
    });
    const spec = plainKernel('embed', embed, {}, result);
    return oneStep(spec, [plainInput(0), ...placeTables(result, [{ shape: data, places }])]);
  },
};
