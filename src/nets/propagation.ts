/**
 * Propagation: Deep Feature Flow itself. The key frame's feature map is carried to the current frame.
 *
 *   feature(current) = warp(feature(key), flow(current → key)) · scale          (Eq. 3 of the paper)
 *
 * Every frame is reached from the last key frame directly; a warped feature is never warped again.
 */
import type { Parameters } from '../graph/index.ts';
import { bilinearSampler, elementwiseMul, gridGenerator, named, type Value } from '../ops/index.ts';
import type { NetworkConfiguration } from './configuration.ts';
import { flownet } from './flownet.ts';

/** The feature map of `current` (N, 3, H, W), from that of `key` (N, C, ⌈H / 16⌉, ⌈W / 16⌉). No ReLU follows. */
export function propagate<V extends Value>(
  parameters: Parameters<V>,
  current: V,
  key: V,
  keyFeature: V,
  configuration: NetworkConfiguration,
): V {
  const { flow, scale } = flownet(parameters, current, key, configuration);
  const grid = named('flow_grid', gridGenerator(flow));
  const warped = named('warping_feat', bilinearSampler(keyFeature, grid));
  return elementwiseMul(warped, scale);
}
