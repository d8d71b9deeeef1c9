/**
 * ResNet-v1 as a feature network: stride 16 instead of 32, and one more convolution that reduces 2048 channels to 1024.
 *
 * Deep Feature Flow, section 4: the first unit of stage 5 keeps its stride at 1, and its 3 × 3 convolutions look twice
 * as far (dilation 2) instead. The stride of a stage sits on the first 1 × 1 convolution (`branch2a`) and on the
 * shortcut (`branch1`), as in the original Caffe network; networks with it on the 3 × 3 ("v1.5") have other weights.
 *
 * Letters  N images, H × W pixels; C channels after division by the width divisor
 */
import type { Parameters } from '../graph/index.ts';
import { broadcastAdd, named, pooling, type Value } from '../ops/index.ts';
import type { NetworkConfiguration } from './configuration.ts';
import { type Layers, layers } from './layers.ts';

interface Stage {
  readonly stage: number;
  readonly units: readonly string[];
  /** Channels of the first two convolutions of a unit, and of its output. */
  readonly middle: number;
  readonly output: number;
  /** Stride of the first unit. */
  readonly stride: number;
  /** Dilation and pad of the 3 × 3 convolutions. */
  readonly dilation: number;
}

/** Units are called a, b, c in stages 2 and 5, and a, b1, b2, ... in stages 3 and 4 of ResNet-101. */
const numbered = (count: number): string[] => [
  'a',
  ...Array.from({ length: count - 1 }, (_, k) => `b${k + 1}`),
];
const lettered = (count: number): string[] => 'abcdef'.slice(0, count).split('');

function stages(depth: 50 | 101): readonly Stage[] {
  const [third, fourth] = depth === 101 ? [numbered(4), numbered(23)] : [lettered(4), lettered(6)];
  return [
    { stage: 2, units: ['a', 'b', 'c'], middle: 64, output: 256, stride: 1, dilation: 1 },
    { stage: 3, units: third, middle: 128, output: 512, stride: 2, dilation: 1 },
    { stage: 4, units: fourth, middle: 256, output: 1024, stride: 2, dilation: 1 },
    { stage: 5, units: ['a', 'b', 'c'], middle: 512, output: 2048, stride: 1, dilation: 2 },
  ];
}

/**
 * The feature map of images.
 *
 * @param image (N, 3, H, W): RGB minus the channel means
 * @returns (N, 1024 / widthDivisor, ⌈H / 16⌉, ⌈W / 16⌉), after ReLU: what Deep Feature Flow carries between frames
 */
export function resnetFeature<V extends Value>(
  parameters: Parameters<V>,
  image: V,
  { depth, widthDivisor }: NetworkConfiguration,
): V {
  const layer = layers(parameters);
  let x = layer.convolution('conv1', image, {
    filters: 64 / widthDivisor,
    kernel: 7,
    stride: 2,
    pad: 3,
    bias: false,
  });
  x = layer.relu('conv1_relu', layer.batchNorm('bn_conv1', x));
  x = named('pool1', pooling(x, { type: 'max', kernel: 3, stride: 2, pad: 1 }));
  for (const stage of stages(depth)) {
    for (const unit of stage.units) x = bottleneck(layer, x, stage, unit, widthDivisor);
  }
  const filters = 1024 / widthDivisor;
  x = layer.convolution('feat_conv_3x3', x, { filters, kernel: 3, pad: 6, dilation: 6 });
  return layer.relu('feat_conv_3x3_relu', x);
}

/** One residual unit: 1 × 1, 3 × 3, 1 × 1 beside a shortcut, which is projected in the first unit of a stage. */
function bottleneck<V extends Value>(
  layer: Layers<V>,
  x: V,
  stage: Stage,
  unit: string,
  widthDivisor: number,
): V {
  const name = `${stage.stage}${unit}`;
  const first = unit === 'a';
  const stride = first ? stage.stride : 1;
  const [middle, output] = [stage.middle / widthDivisor, stage.output / widthDivisor];
  const { dilation } = stage;

  const normalized = (
    branch: string,
    input: V,
    geometry: { filters: number; kernel: number; stride?: number },
  ): V => {
    const pad = geometry.kernel === 3 ? { pad: dilation, dilation } : {};
    const y = layer.convolution(`res${name}_${branch}`, input, { ...geometry, ...pad, bias: false });
    return layer.batchNorm(`bn${name}_${branch}`, y);
  };
  const shortcut = first ? normalized('branch1', x, { filters: output, kernel: 1, stride }) : x;
  let y = normalized('branch2a', x, { filters: middle, kernel: 1, stride });
  y = layer.relu(`res${name}_branch2a_relu`, y);
  y = normalized('branch2b', y, { filters: middle, kernel: 3 });
  y = layer.relu(`res${name}_branch2b_relu`, y);
  y = normalized('branch2c', y, { filters: output, kernel: 1 });
  return layer.relu(`res${name}_relu`, named(`res${name}`, broadcastAdd(shortcut, y)));
}
