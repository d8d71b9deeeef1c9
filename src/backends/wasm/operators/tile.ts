/** Operators that repeat their data: tile, tileAs and broadcastTo. Each axis is walked as two: which repetition, where in it. */
import { elementCount, type Shape, stridesOf } from '../../../tensor/shape.ts';
import { copyStridedKernel } from '../kernels/copy-strided.ts';
import { placedShape } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';
import { lowerView } from './views.ts';
import { rowMajor, walkStep } from './walk.ts';

export function lowerTile(lowering: NodeLowering): void {
  const [output] = lowering.outputs as readonly [Shape];
  const given = lowering.inputs[0]!;
  const data = [...output.slice(given.length).map(() => 1), ...given];
  if (elementCount(data) === elementCount(output)) return lowerView(lowering);
  const keepsChannels = given.length === 4 && data.length === 4 && data[1] === output[1];
  const layout = keepsChannels && lowering.has(0, 'blocks') ? 'blocks' : 'planar';
  const [from, to] = [placedShape(data, layout), placedShape(output, layout)];
  const walked = from.flatMap((size, axis) => [size === 0 ? 0 : to[axis]! / size, size]);
  const strides = stridesOf(from).flatMap((stride) => [0, stride]);
  const source = { address: lowering.input(0, layout), strides };
  const target = rowMajor(lowering.output(0, layout), walked);
  walkStep(lowering, copyStridedKernel, walked, [source, target], {});
}
