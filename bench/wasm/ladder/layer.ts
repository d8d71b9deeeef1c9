/** The layer that the ladder climbs: 3 × 3 taps, 256 → 256 channels, a map of 36 × 63, as 23 times in ResNet-101. */
import { type Graph, trace } from '../../../src/graph/index.ts';
import { convolution, pooling } from '../../../src/ops/index.ts';
import type { Tensor } from '../../../src/tensor/index.ts';
import { randomTensor, uniform } from '../../random.ts';

export interface LayerSize {
  /** Input and output channels. */
  readonly C: number;
  readonly O: number;
  readonly H: number;
  readonly W: number;
  readonly dilation: number;
}

export const ladderSize: LayerSize = { C: 256, O: 256, H: 36, W: 63, dilation: 1 };

export interface Layer extends LayerSize {
  readonly data: Tensor;
  readonly weight: Tensor;
}

export function makeLayer(size: LayerSize): Layer {
  const random = uniform(3);
  const { C, O, H, W } = size;
  return {
    ...size,
    data: randomTensor([1, C, H, W], random),
    weight: randomTensor([O, C, 3, 3], random, 1 / Math.sqrt(9 * C)),
  };
}

export const multiplyAdds = ({ C, O, H, W }: LayerSize): number => 9 * C * O * H * W;

/**
 * The layer as a graph. In a network its result stays where it is; so that nobody is measured at copying it out, the
 * output may be only the largest value of each channel.
 */
export function layerGraph({ C, O, H, W, dilation }: LayerSize, output: 'all' | 'largest'): Graph {
  return trace(
    (parameters, { data }) => {
      const weight = parameters.get('weight', [O, C, 3, 3]);
      const out = convolution(data, weight, undefined, { pad: dilation, dilation });
      return { out: output === 'all' ? out : pooling(out, { type: 'max', kernel: 1, global: true }) };
    },
    { data: [1, C, H, W] },
  );
}
