/**
 * warp: carry the feature map of a key frame along a flow field to the current frame.
 *
 * Meaning  The flow at p of the current frame points to where the same thing was in the key frame; the output at p is the
 *          key feature there, read between its pixels, times a scale.
 * Formula  out[n,c,p] = scale[n,c,p] · Σ_q G(q, p + flow[n,·,p]) · feature[n,c,q]     (Eq. 1, 3: with the scale field)
 *          G(q, r) = g(q_x, r_x) · g(q_y, r_y),  g(a, b) = max(0, 1 − |a − b|)        (Eq. 2: bilinear interpolation)
 * Source   Deep Feature Flow, Eq. 1 to 3; in the official graph GridGenerator, BilinearSampler and a product. This is the
 *          composition of the three operators, so it has no kernel, no gradient and no row in the table of its own.
 * Pixels   The paper's p + flow is in pixels of the feature map. MXNet takes it to [−1, 1] and back, which in float32
 *          costs a few roundings: zero flow returns the feature up to about 1e-6, and exactly where H − 1 and W − 1 are
 *          powers of two.
 * Border   The sum in Eq. 1 runs over the pixels of the map, so positions outside it contribute 0: what enters the image
 *          fades in over one pixel. MXNet's sampler pads with zeros to the same effect.
 * Kinks    p + flow on a whole number: the slope towards larger coordinates.
 * Letters  N images, C channels, H × W pixels; p, q, r are pixel positions (x, y)
 */
import { formatShape, sameShape, type Shape } from '../tensor/shape.ts';
import { bilinearSampler } from './bilinear-sampler.ts';
import { broadcastMul } from './broadcast-mul.ts';
import { checkShape, nchw } from './checks.ts';
import { gridGenerator } from './grid-generator.ts';
import { type Value } from './operator.ts';

/**
 * The feature (N, C, H, W) read at every pixel plus the flow (N, 2, H, W: right, down, in pixels of the feature), times
 * a scale (N, C, H, W), or (N, 1, H, W) for all channels alike. Without a scale the factor is 1.
 *
 * @returns (N, C, H, W); zero where the flow points outside the map
 * @throws ShapeError when flow or scale do not have the size of the feature, or that is one pixel high or wide
 * @example const current = warp(keyFeature, flow, scale)
 */
export function warp<V extends Value>(feature: V, flow: V, scale?: V): V {
  checkSizes(feature.shape, flow.shape, scale?.shape);
  const warped = bilinearSampler(feature, gridGenerator(flow));
  return scale === undefined ? warped : broadcastMul(warped, scale);
}

/** The operators allow a grid of another size, and scales that enlarge the feature; a warp means neither. */
function checkSizes(feature: Shape, flow: Shape, scale?: Shape): void {
  const [N, , H, W] = nchw('warp', 'feature', feature);
  checkShape('warp', 'flow', flow, [N, 2, H, W], `resize it to that of the feature, ${formatShape(feature)}`);
  if (scale === undefined || sameShape(scale, [N, 1, H, W])) return;
  checkShape('warp', 'scale', scale, feature, 'or one channel for all');
}
