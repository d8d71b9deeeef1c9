/**
 * FlowNet Simple with a scale branch: where each part of the current frame was in the key frame.
 *
 * Contracting: ten convolutions down to 1/64 of the half-size input. Expanding: four times, predict a flow, enlarge
 * both it and the features by a deconvolution, and join them with the features of the same size from the way down.
 * The last joined map (stride 8) is halved once more, and two sibling convolutions read flow and scale from it.
 *
 * Source   Fischer et al., FlowNet (2015); Deep Feature Flow, sections 3 and 4. The released network pools the feature
 *          before the heads, where the paper resizes flow and scale after them.
 * Letters  N images, H × W image pixels, C channels of the feature map
 */
import type { Parameters } from '../graph/index.ts';
import { concat, crop, divScalar, mulScalar, named, type Value } from '../ops/index.ts';
import { featureChannels, FLOW_FACTOR, type NetworkConfiguration } from './configuration.ts';
import { type Layers, layers } from './layers.ts';

const PIXEL_RANGE = 255;

/** name, filters of FlowNet Simple, kernel, stride */
const contracting = [
  ['flow_conv1', 64, 7, 2],
  ['conv2', 128, 5, 2],
  ['conv3', 256, 5, 2],
  ['conv3_1', 256, 3, 1],
  ['conv4', 512, 3, 2],
  ['conv4_1', 512, 3, 1],
  ['conv5', 512, 3, 2],
  ['conv5_1', 512, 3, 1],
  ['conv6', 1024, 3, 2],
  ['conv6_1', 1024, 3, 1],
] as const;

/** Coarse to fine: level enlarged to, layer joined, filters of the deconvolution. */
const expanding = [
  { level: 5, skip: 'conv5_1', filters: 512 },
  { level: 4, skip: 'conv4_1', filters: 256 },
  { level: 3, skip: 'conv3_1', filters: 128 },
  { level: 2, skip: 'conv2', filters: 64 },
] as const;

export interface FlowAndScale<V> {
  /** (N, 2, ⌈H / 16⌉, ⌈W / 16⌉): right and down, in feature pixels; where to read the key feature, relative to here. */
  readonly flow: V;
  /** (N, C, ⌈H / 16⌉, ⌈W / 16⌉): factors for the warped feature. Starts as all ones in training. */
  readonly scale: V;
}

/** Flow from `current` to `key` and the scale field. Both images are (N, 3, H, W), RGB minus the channel means. */
export function flownet<V extends Value>(
  parameters: Parameters<V>,
  current: V,
  key: V,
  configuration: NetworkConfiguration,
): FlowAndScale<V> {
  const layer = layers(parameters);
  const divisor = configuration.widthDivisor * (configuration.flowNetwork === 'half' ? 2 : 1);
  const pictures = concat([divScalar(current, PIXEL_RANGE), divScalar(key, PIXEL_RANGE)]);
  const skips = contract(layer, layer.halve('resize_data', pictures), divisor);
  const joined = layer.halve('resize_concat5', expand(layer, skips, divisor));
  const flow = layer.convolution('Convolution5', joined, { filters: 2, kernel: 3, pad: 1 });
  const scale = layer.convolution('Convolution5_scale', joined, {
    filters: featureChannels(configuration),
    kernel: 1,
  });
  return { flow: mulScalar(flow, FLOW_FACTOR), scale };
}

/** The way down; returns the activation of every layer by the layer's name. */
function contract<V extends Value>(layer: Layers<V>, input: V, divisor: number): ReadonlyMap<string, V> {
  const activations = new Map<string, V>();
  let x = input;
  contracting.forEach(([name, filters, kernel, stride], k) => {
    const pad = (kernel - 1) / 2;
    x = layer.leakyRelu(
      `ReLU${k + 1}`,
      layer.convolution(name, x, { filters: filters / divisor, kernel, stride, pad }),
    );
    activations.set(name, x);
  });
  return activations;
}

/** The way up, to stride 8: [features from the way down, enlarged features, enlarged flow]. */
function expand<V extends Value>(layer: Layers<V>, skips: ReadonlyMap<string, V>, divisor: number): V {
  let x = skips.get('conv6_1')!;
  expanding.forEach(({ level, skip, filters }, k) => {
    const same = skips.get(skip)!;
    const enlarge = (name: string, input: V, count: number): V =>
      layer.deconvolution(name, input, { filters: count, kernel: 4, stride: 2 });
    // A 4 × 4 deconvolution at stride 2 makes 2H + 2 rows; the window starting at (1, 1) undoes the border.
    const features = named(
      `crop_deconv${level}`,
      crop(enlarge(`deconv${level}`, x, filters / divisor), same, { offset: 1 }),
    );
    const activated = layer.leakyRelu(`ReLU${k + 11}`, features);
    const coarse = layer.convolution(`Convolution${k + 1}`, x, { filters: 2, kernel: 3, pad: 1 });
    const enlarged = enlarge(`upsample_flow${level + 1}to${level}`, coarse, 2);
    const flow = named(`crop_upsampled_flow${level + 1}_to_${level}`, crop(enlarged, same, { offset: 1 }));
    x = named(`Concat${k + 2}`, concat([same, activated, flow]));
  });
  return x;
}
