/** Shapes that random cases do not draw: rows beyond the side of a texture, many groups of channels, single pixels. */
import { type AnyOperator, operators } from '../../src/ops/index.ts';
import { randomNumbers } from '../../src/testing/index.ts';
import { elementCount, type Shape, type Tensor, tensor } from '../../src/tensor/index.ts';
import type { ParityCase } from './parity.ts';

export interface EdgeCase extends ParityCase {
  readonly title: string;
  readonly operator: AnyOperator;
  /** Sums of thousands of terms round differently in another order. Default that of backends. */
  readonly tolerance?: number;
}

const LONG_SUMS = 5e-5;

const next = randomNumbers(7);

const random = (shape: Shape): Tensor =>
  tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => next()),
  );

function edge(
  title: string,
  operator: AnyOperator,
  shapes: readonly Shape[],
  attributes: object = {},
): EdgeCase {
  const terms = elementCount(shapes[1]?.slice(1) ?? []);
  const tolerance = terms > 1000 ? { tolerance: LONG_SUMS } : {};
  return { title, operator, inputs: shapes.map(random), attributes, weighted: true, ...tolerance };
}

const { convolution, deconvolution, elementwiseAdd, pooling, psroiPooling, relu, roiPooling } = operators;

export const edgeCases: readonly EdgeCase[] = [
  edge('a row of more than 4096 pixels', relu, [[1, 2, 1, 4101]]),
  edge('a row longer than the side of a texture', elementwiseAdd, [
    [1, 5, 2, 8200],
    [1, 5, 2, 8200],
  ]),
  edge('a column longer than the side of a texture', relu, [[1, 3, 8195, 1]]),
  edge('planes that do not stand in one column', convolution, [
    [1, 1030, 9, 2],
    [3, 1030, 1, 1],
  ]),
  edge(
    'planes that stand side by side, with borders',
    convolution,
    [
      [1, 300, 33, 3],
      [2, 300, 3, 3],
    ],
    { pad: 1 },
  ),
  edge('results whose planes stand side by side', convolution, [
    [1, 3, 33, 2],
    [1030, 3, 1, 1],
  ]),
  edge('two images whose planes stand side by side', convolution, [
    [2, 300, 17, 2],
    [5, 300, 1, 1],
  ]),
  edge('one pixel of one channel', convolution, [[1, 1, 1, 1], [1, 1, 1, 1], [1]]),
  edge('one pixel under a padded filter', convolution, [[1, 2, 1, 1], [5, 2, 3, 3], [5]], { pad: 1 }),
  edge(
    'a wide row under a strided filter',
    convolution,
    [
      [1, 3, 7, 4103],
      [4, 3, 7, 7],
    ],
    { pad: 3, stride: 2 },
  ),
  edge('one pixel that is not spread out', deconvolution, [
    [1, 1, 1, 1],
    [1, 1, 1, 1],
  ]),
  edge('a column that is not spread out', deconvolution, [
    [2, 5, 3, 1],
    [5, 6, 2, 1],
  ]),
  edge(
    'one pixel spread out',
    deconvolution,
    [
      [1, 3, 1, 1],
      [3, 2, 4, 4],
    ],
    { kernel: 4, stride: 2, pad: 1 },
  ),
  edge('a wide row pooled', pooling, [[1, 3, 3, 4099]], { kernel: 3, stride: 2, pad: 1, type: 'max' }),
  edge(
    'no regions to pool by position',
    psroiPooling,
    [
      [1, 8, 5, 6],
      [0, 5],
    ],
    {
      spatialScale: 0.5,
      outputChannels: 2,
      pooledSize: 2,
      groupSize: 2,
    },
  ),
  edge(
    'no regions to pool',
    roiPooling,
    [
      [1, 3, 5, 6],
      [0, 5],
    ],
    { pooledSize: [2, 3], spatialScale: 0.5 },
  ),
];
