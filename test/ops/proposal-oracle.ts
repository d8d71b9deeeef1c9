/**
 * The proposal operators restated with objects, a sort and flags, in float64, and cases on which float32 is exact:
 * moves are multiples of ¼, growths are 2 or ½, thresholds are dyadic, sizes small. So every decision must agree.
 */
import fc from 'fast-check';
import { baseAnchors, type ProposalAttributes } from '../../src/ops/index.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';
import { at, type OperatorCase, values } from '../../src/testing/index.ts';

const LN2 = Math.fround(Math.LN2); // e^±LN2, rounded to float32, is exactly 2 and ½

type Attributes = Required<ProposalAttributes>;

/** Cases with up to `images` images; scores have seven levels, so that ties are common. */
export function proposalCases(images: number): fc.Arbitrary<OperatorCase<Attributes>> {
  const size = fc.integer({ min: 1, max: 3 });
  const attributes = fc.record({
    featureStride: fc.constantFrom(8, 16),
    scales: fc.constantFrom([1], [0.5, 1]),
    ratios: fc.constantFrom([1], [0.5, 2]),
    preNms: fc.constantFrom(-1, 0, 1, 4, 30),
    postNms: fc.constantFrom(1, 5, 12),
    threshold: fc.constantFrom(0.25, 0.5, 0.75, 1),
    minSize: fc.constantFrom(0, 8),
  });
  return fc
    .record({ N: fc.integer({ min: 1, max: images }), H: size, W: size, attributes })
    .chain(({ N, H, W, attributes: drawn }) => {
      const A = drawn.scales.length * drawn.ratios.length;
      const list = (count: number, from: readonly number[]): fc.Arbitrary<number[]> =>
        fc.array(fc.constantFrom(...from), { minLength: count, maxLength: count, size: 'max' });
      const moves = [0, 0.25, -0.25, 0.5, -0.5, 1, -1, 2];
      const growths = [0, 0, LN2, -LN2];
      const cells = N * 2 * A * H * W;
      const deltas = fc.tuple(list(cells, moves), list(cells, growths)).map(([shift, growth]) => {
        const [a, b] = [shift.values(), growth.values()];
        const data = Float64Array.from({ length: 2 * cells }, (_, i) => {
          const channel = Math.floor(i / (H * W)) % 4;
          return (channel < 2 ? a : b).next().value!;
        });
        return tensor([N, 4 * A, H, W], data);
      });
      const scores = values([N, 2 * A, H, W], { min: 0, max: 1 }).map((drawnScores) =>
        tensor(
          drawnScores.shape,
          Float64Array.from(drawnScores.data, (x) => Math.round(x * 6) / 8),
        ),
      );
      const stride = drawn.featureStride;
      const extent = (cellCount: number): fc.Arbitrary<number> =>
        fc.integer({ min: stride * cellCount - 9, max: stride * cellCount }).map((x) => Math.max(x, 1));
      const info = fc
        .array(fc.tuple(extent(H), extent(W), fc.constantFrom(1, 1.5)), { minLength: N, maxLength: N })
        .map((rows) => tensor([N, 3], Float64Array.from(rows.flat())));
      return fc.record({ inputs: fc.tuple(scores, deltas, info), attributes: fc.constant(drawn) });
    });
}

interface Candidate {
  score: number;
  readonly corners: number[];
  readonly index: number;
  standing: boolean;
}

function candidates(inputs: readonly Tensor[], n: number, attributes: Attributes): Candidate[] {
  const [scores, deltas, info] = inputs as [Tensor, Tensor, Tensor];
  const [, channels = 0, H = 0, W = 0] = scores.shape;
  const { featureStride: stride, minSize } = attributes;
  const base = baseAnchors(attributes);
  const found: Candidate[] = [];
  for (let y = 0; y < H; y++) {
    for (let x = 0; x < W; x++) {
      for (let a = 0; a < channels / 2; a++) {
        const corners = [0, 0, 0, 0];
        for (const axis of [0, 1]) {
          const low = at(base, a, axis) + (axis === 0 ? x : y) * stride;
          const high = at(base, a, axis + 2) + (axis === 0 ? x : y) * stride;
          const centre = (low + high) / 2 + at(deltas, n, 4 * a + axis, y, x) * (high - low + 1);
          const growth = 2 ** Math.round(at(deltas, n, 4 * a + 2 + axis, y, x) / LN2);
          const reach = (growth * (high - low + 1) - 1) / 2;
          const last = at(info, n, 1 - axis) - 1;
          const inside = (v: number): number => Math.max(0, Math.min(v, last));
          corners[axis] = inside(centre - reach);
          corners[axis + 2] = inside(centre + reach);
        }
        let score = at(scores, n, channels / 2 + a, y, x);
        const inImage = (y + 1) * stride <= at(info, n, 0) && (x + 1) * stride <= at(info, n, 1);
        if (!inImage) score = -1;
        const least = minSize * at(info, n, 2);
        if (corners[2]! - corners[0]! + 1 < least || corners[3]! - corners[1]! + 1 < least) {
          [-least / 2, -least / 2, least / 2, least / 2].forEach((by, k) => (corners[k]! += by));
          score = -1;
        }
        found.push({ score, corners, index: found.length, standing: true });
      }
    }
  }
  return found;
}

function overlap(a: readonly number[], b: readonly number[]): number {
  const span = (u: readonly number[], v: readonly number[], axis: number): number =>
    Math.max(0, Math.min(u[axis + 2]!, v[axis + 2]!) - Math.max(u[axis]!, v[axis]!) + 1);
  const both = span(a, b, 0) * span(a, b, 1);
  return both / (span(a, a, 0) * span(a, a, 1) + span(b, b, 0) * span(b, b, 1) - both);
}

/** NaN ranks first. */
const rank = (score: number): number => (Number.isNaN(score) ? Number.MAX_VALUE : score);

/** [rois, scores] of all images. */
export function proposalOracle(inputs: readonly Tensor[], attributes: Attributes): Tensor[] {
  const [N = 0] = inputs[0]!.shape;
  const { preNms, postNms, threshold } = attributes;
  const [rois, scores]: [number[], number[]] = [[], []];
  for (let n = 0; n < N; n++) {
    const ranked = candidates(inputs, n, attributes)
      .sort((a, b) => rank(b.score) - rank(a.score) || a.index - b.index)
      .slice(0, preNms > 0 ? preNms : undefined);
    ranked.forEach((one, rank) => {
      if (!one.standing) return;
      for (const other of ranked.slice(rank + 1)) {
        if (overlap(one.corners, other.corners) > threshold) other.standing = false;
      }
    });
    const survivors = ranked.filter(({ standing }) => standing).slice(0, postNms);
    for (let i = 0; i < postNms; i++) {
      const { corners, score } = survivors[i % survivors.length]!;
      rois.push(n, ...corners);
      scores.push(score);
    }
  }
  const rows = N * postNms;
  return [tensor([rows, 5], rois, 'float64'), tensor([rows, 1], scores, 'float64')];
}
