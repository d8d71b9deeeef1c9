/**
 * What a device must choose of regions and boxes, as functions of a backend, so that Node and a page run the same.
 *
 * Devices round e^x as they like, so that corners differ by 1e-3 pixels or so, and with them overlaps by 1e-4. Here no
 * decision hangs on that: threshold and least size lie in the middle of a gap between the numbers they are compared to.
 */
import { type Backend, toHost } from '../../../src/backends/index.ts';
import { trace } from '../../../src/graph/index.ts';
import {
  boxOverlaps,
  multiProposal,
  nonMaximumSuppression,
  type ProposalAttributes,
  proposalCandidates,
  type SuppressionOptions,
} from '../../../src/ops/index.ts';
import { randomNumbers } from '../../../src/testing/index.ts';
import { type Tensor, tensor } from '../../../src/tensor/index.ts';

export interface RegionCase {
  /** Probabilities, corrections, sizes of images. */
  readonly inputs: readonly [Tensor, Tensor, Tensor];
  readonly attributes: ProposalAttributes;
}

/** The middle of the widest gap between numbers from `low` up to `high`. */
function middleOfGap(numbers: Iterable<number>, low: number, high: number): number {
  const sorted = [low, ...[...numbers].filter((x) => x > low && x < high), high].sort((a, b) => a - b);
  let best = 1;
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i]! - sorted[i - 1]! > sorted[best]! - sorted[best - 1]!) best = i;
  }
  return (sorted[best]! + sorted[best - 1]!) / 2;
}

/** N images of H × W cells: with dead cells, small boxes, equal scores and overlaps of all sizes. */
function regionCase(seed: number, N: number, H: number, W: number, postNms: number): RegionCase {
  const next = randomNumbers(seed);
  const base = { featureStride: 16, scales: [2, 4], ratios: [0.5, 1, 2] };
  const A = 6;
  const filled = (shape: readonly number[], value: () => number): Tensor =>
    tensor(shape, Float32Array.from({ length: shape.reduce((a, b) => a * b) }, value));
  const probabilities = filled([N, 2 * A, H, W], () => Math.round(8 * next() + 8) / 16);
  const corrections = filled([N, 4 * A, H, W], () => next() / 2);
  const sizes = Array.from({ length: N }, (_, n) => [16 * H - 5 * n, 16 * W - 3 + 3 * n, 1]).flat();
  const inputs = [probabilities, corrections, tensor([N, 3], sizes)] as const;
  const images = [...Array(N).keys()];
  const sides = images.flatMap((n) => {
    const { data } = proposalCandidates(inputs, n, { ...base, minSize: 0 }).boxes;
    return [...data].flatMap((x, i) => (i % 4 < 2 ? [data[i + 2]! - x + 1] : []));
  });
  const minSize = middleOfGap(sides, 12, 24);
  const overlaps = images.flatMap((n) => {
    const { boxes } = proposalCandidates(inputs, n, { ...base, minSize });
    return [...boxOverlaps(boxes, boxes).data];
  });
  const threshold = middleOfGap(overlaps, 0.3, 0.8);
  return { inputs, attributes: { ...base, minSize, threshold, preNms: 100, postNms } };
}

export const regionCases: readonly RegionCase[] = [
  regionCase(1, 1, 3, 5, 40),
  regionCase(2, 2, 4, 3, 10),
  regionCase(3, 1, 1, 1, 7),
];

/** What a backend proposes. */
export async function propose(
  backend: Backend,
  { inputs, attributes }: RegionCase,
): Promise<{ readonly rois: Tensor; readonly scores: Tensor }> {
  const [p, d, i] = inputs;
  const graph = trace(
    (_, { probabilities, corrections, sizes }) => ({
      ...multiProposal(probabilities, corrections, sizes, attributes),
    }),
    { probabilities: p.shape, corrections: d.shape, sizes: i.shape },
  );
  const plan = await backend.compile(graph, new Map());
  try {
    const { rois, scores } = await plan.run({ probabilities: p, corrections: d, sizes: i });
    return { rois: await toHost(rois!), scores: await toHost(scores!) };
  } finally {
    plan.dispose();
  }
}

export interface BoxCase {
  readonly boxes: Tensor;
  readonly scores: readonly number[];
  readonly options: SuppressionOptions;
}

/**
 * Boxes as dense as `spread` is small; scores have fifty levels, so that ties are common. At whole pixels many overlaps
 * are fractions such as 1/2, at which a threshold may lie exactly.
 */
function boxCase(seed: number, count: number, spread: number, whole: boolean): BoxCase {
  const next = randomNumbers(seed);
  const place = (size: number): number => {
    const x = ((next() + 1) / 2) * size;
    return whole ? Math.round(x) : x;
  };
  const corners = Array.from({ length: count }, () => {
    const [x, y] = [place(spread), place(spread)];
    return [x, y, x + place(60), y + place(60)];
  });
  return {
    boxes: tensor([count, 4], Float32Array.from(corners.flat())),
    scores: corners.map(() => Math.round(25 * next()) / 25),
    options: {
      threshold: seed % 3 === 0 ? 0.3 : 0.5,
      convention: seed % 2 === 0 ? 'plain' : 'inclusive',
      ties: seed % 2 === 0 ? 'lower' : 'higher',
    },
  };
}

/** Around one block of 24, and many blocks. */
export const boxCases: readonly BoxCase[] = [1, 23, 24, 25, 300, 2000].flatMap((count, k) =>
  [false, true].map((whole) => boxCase(2 * k + (whole ? 1 : 0), count, count < 100 ? 40 : 200, whole)),
);

/** Cases that are suppressed otherwise than on the reference. */
export async function suppressionProblems(
  suppress: (
    boxes: Tensor,
    scores: readonly number[],
    options: SuppressionOptions,
  ) => Promise<readonly number[]>,
): Promise<string[]> {
  const problems: string[] = [];
  for (const { boxes, scores, options } of boxCases) {
    const kept = await suppress(boxes, scores, options);
    const expected = nonMaximumSuppression(boxes, scores, options);
    const place = expected.findIndex((row, i) => row !== kept[i]);
    if (place < 0 && kept.length === expected.length) continue;
    problems.push(
      `${scores.length} boxes, ${JSON.stringify(options)}: kept ${kept.length}, expected ${expected.length}`,
    );
  }
  return problems;
}
