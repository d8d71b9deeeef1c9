/**
 * Flow fields and bilinear samples.
 *
 * GridSample with `align_corners` has our coordinates: −1 is the centre of the first pixel, 1 that of the last; with zero
 * padding it has our borders too: each of the four neighbours counts as 0 by itself where it is outside. Its grid has
 * the axes in another order.
 */
import type { Shape } from '../../tensor/shape.ts';
import { type Call, type Converter, scalar } from '../converter.ts';

/** (flow + pixel) / half − 1, where half is (W − 1) / 2 for the first channel and (H − 1) / 2 for the second. */
function normalised(call: Pick<Call, 'emit' | 'floats'>, flow: string, shape: Shape): string {
  const [, , H = 0, W = 0] = shape;
  const pixels = Array.from({ length: 2 * H * W }, (_, i) =>
    i < H * W ? i % W : Math.floor((i - H * W) / W),
  );
  const positions = call.emit('Add', [flow, call.floats('pixels', [1, 2, H, W], pixels)]);
  const half = call.floats('half', [1, 2, 1, 1], [(W - 1) / 2, (H - 1) / 2]);
  return call.emit('Sub', [call.emit('Div', [positions, half]), scalar(call, 'one', 1)]);
}

function sampled({ emit }: Pick<Call, 'emit'>, data: string, grid: string): string {
  const pairs = emit('Transpose', [grid], { perm: { ints: [0, 2, 3, 1] } });
  return emit('GridSample', [data, pairs], {
    mode: { text: 'bilinear' },
    padding_mode: { text: 'zeros' },
    align_corners: { int: 1 },
  });
}

export const gridGenerator: Converter = (call) => normalised(call, call.inputs[0]!, call.inputShapes[0]!);

export const bilinearSampler: Converter = (call) => sampled(call, call.inputs[0]!, call.inputs[1]!);

export const fusedWarp: Converter = (call) => {
  const [data, flow, scale] = call.inputs;
  const warped = sampled(call, data!, normalised(call, flow!, call.inputShapes[1]!));
  return scale === undefined ? warped : call.emit('Mul', [warped, scale]);
};
