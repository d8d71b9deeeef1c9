/**
 * Pooling. Our windows that overhang the image (convention `full`) become explicit padding at the lower and right end:
 * the `ceil_mode` of ONNX has meant different things in different versions, and its averages count the overhang.
 *
 * ONNX wants less padding than the window is large, which says as much as that every window reads a pixel. Where that is
 * not so, the padding is a node of its own.
 */
import {
  averageDivisor,
  type PoolingAttributes,
  type PoolingGeometry,
  poolingGeometry,
  windowExtents,
} from '../../ops/index.ts';
import { LOWEST } from '../../ops/first-maximum.ts';
import { type Call, type Converter, type OnnxAttributes, scalar } from '../converter.ts';

/** Padding: rows above, columns left, rows below, columns right. */
type Pads = readonly [top: number, left: number, below: number, right: number];

export const pooling: Converter<PoolingAttributes> = (call) => {
  const { type, global } = call.attributes;
  if (global) return call.emit(type === 'max' ? 'GlobalMaxPool' : 'GlobalAveragePool', call.inputs);
  const geometry = poolingGeometry('pooling', call.inputShapes[0]!, call.attributes);
  return type === 'max' ? maximum(call, geometry) : average(call, geometry);
};

function maximum(call: Call<PoolingAttributes>, geometry: PoolingGeometry): string {
  const pads = padsOf(geometry);
  const [data] = call.inputs;
  if (fits(geometry, pads)) return call.emit('MaxPool', [data!], windows(geometry, pads));
  return call.emit('MaxPool', [padded(call, pads, LOWEST)], windows(geometry, [0, 0, 0, 0]));
}

function average(call: Call<PoolingAttributes>, geometry: PoolingGeometry): string {
  const { I, J, P, Q, padY, padX } = geometry;
  const pads = padsOf(geometry);
  const [data] = call.inputs;
  const declared = call.attributes.countPadding && padY + padX > 0;
  const overhangs = pads[2] > padY || pads[3] > padX;
  if (fits(geometry, pads) && !(declared && overhangs)) {
    const counted = { count_include_pad: { int: declared ? 1 : 0 } };
    return call.emit('AveragePool', [data!], { ...windows(geometry, pads), ...counted });
  }
  // Means of whole windows, then another divisor for those that are not.
  const { rows, columns } = windowExtents(geometry);
  const factors = rows.flatMap((row) =>
    columns.map((column) => {
      const divisor = averageDivisor(row, column, call.attributes.countPadding);
      return divisor > 0 ? (I * J) / divisor : 0;
    }),
  );
  const means = call.emit('AveragePool', [padded(call, pads, 0)], windows(geometry, [0, 0, 0, 0]));
  return call.emit('Mul', [means, call.floats('factors', [1, 1, P, Q], factors)]);
}

/** The declared padding, and the overhang of the last windows. */
function padsOf({ H, W, P, Q, I, J, strideY, strideX, padY, padX }: PoolingGeometry): Pads {
  const overhang = (size: number, count: number, taps: number, stride: number, pad: number): number =>
    Math.max(pad, (count - 1) * stride + taps - size - pad);
  return [padY, padX, overhang(H, P, I, strideY, padY), overhang(W, Q, J, strideX, padX)];
}

const fits = ({ I, J }: PoolingGeometry, [top, left, below, right]: Pads): boolean =>
  Math.max(top, below) < I && Math.max(left, right) < J;

const windows = ({ I, J, strideY, strideX }: PoolingGeometry, pads: Pads): OnnxAttributes => ({
  kernel_shape: { ints: [I, J] },
  strides: { ints: [strideY, strideX] },
  pads: { ints: pads },
});

/**
 * The data with padding around it. onnxruntime joins a Pad with the pooling that follows, and then refuses what it has
 * made; a Pad of maps instead of images is left alone.
 */
function padded(call: Call<PoolingAttributes>, [top, left, below, right]: Pads, value: number): string {
  const [N = 0, C = 0, H = 0, W = 0] = call.inputShapes[0]!;
  const maps = call.emit('Reshape', [call.inputs[0]!, call.integers('maps', [N * C, H, W])]);
  const pads = call.integers('pads', [0, top, left, 0, below, right]);
  const larger = call.emit('Pad', [maps, pads, scalar(call, 'padding', value)]);
  const images = call.integers('images', [N, C, H + top + below, W + left + right]);
  return call.emit('Reshape', [larger, images]);
}
