/** Laws that the operators obey whatever the numbers are, on float64. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  averagePoolingGradient,
  batchNorm,
  boxOverlaps,
  convolution,
  convolutionWeightGradient,
  deconvolution,
  nonMaximumSuppression,
  pooling,
  psroiPooling,
  psroiPoolingGradient,
  remainders,
  softmax,
  softmaxActivation,
  softmaxOutput,
} from '../../src/ops/index.ts';
import { compare, full, type Shape, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, values } from '../../src/testing/index.ts';
import { boxes, rois } from '../ops/regions.ts';

const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

const dot = (a: Tensor, b: Tensor): number => [...a.data].reduce((s, value, k) => s + value * b.data[k]!, 0);

/** Elements that are not equal up to a tolerance, absolute and relative. */
const misses = (got: Tensor, expected: Tensor, tolerance: number): number =>
  compare(got, expected, { absolute: tolerance, relative: tolerance }).misses;

/** `a` times one tensor plus `b` times another. */
const mix = (a: number, first: Tensor, b: number, second: Tensor): Tensor =>
  build(first.shape, (...i) => a * at(first, ...i) + b * at(second, ...i));

describe('convolution', () => {
  const geometries = fc.record({
    groups: small(1, 3),
    groupC: small(1, 2),
    groupO: small(1, 3),
    kernel: fc.tuple(small(1, 4), small(1, 4)),
    stride: fc.tuple(small(1, 3), small(1, 3)),
    pad: fc.tuple(small(0, 3), small(0, 3)),
    dilation: fc.tuple(small(1, 3), small(1, 3)),
    extra: fc.tuple(small(0, 5), small(0, 5)),
  });
  const drawn = geometries.chain(({ groups, groupC, groupO, kernel, extra, ...rest }) => {
    const window = { ...rest, groups };
    const side = (axis: 0 | 1): number =>
      Math.max(1, window.dilation[axis] * (kernel[axis] - 1) + 1 - 2 * window.pad[axis]) + extra[axis];
    const data = [2, groups * groupC, side(0), side(1)];
    const weight = [groups * groupO, groupC, ...kernel];
    const { shape } = convolution(zeros(data), zeros(weight), undefined, window);
    return fc.record({
      x: values(data),
      weight: values(weight),
      y: values(shape),
      window: fc.constant(window),
    });
  });

  test('has deconvolution as its adjoint in the data, at every geometry', () => {
    fc.assert(
      fc.property(drawn, ({ x, weight, y, window }) => {
        const adjust = remainders(x.shape, weight.shape, window);
        const back = deconvolution(y, weight, undefined, { ...window, adjust });
        expect(back.shape).toEqual(x.shape);
        expect(dot(convolution(x, weight, undefined, window), y)).toBeCloseTo(dot(x, back), 7);
      }),
      { numRuns: 200 },
    );
  });

  test('has the weight gradient as its adjoint in the weight', () => {
    fc.assert(
      fc.property(drawn, ({ x, weight, y, window }) => {
        const kernel = [weight.shape[2]!, weight.shape[3]!] as const;
        const back = convolutionWeightGradient(x, y, { ...window, kernel });
        expect(dot(convolution(x, weight, undefined, window), y)).toBeCloseTo(dot(weight, back), 7);
      }),
      { numRuns: 200 },
    );
  });
});

describe('pooling', () => {
  const windows = fc.record({
    kernel: fc.tuple(small(1, 3), small(1, 3)),
    stride: fc.tuple(small(1, 3), small(1, 3)),
    convention: fc.constantFrom('valid' as const, 'full' as const),
    global: fc.boolean(),
  });
  const sides = fc.tuple(small(3, 7), small(3, 7));
  const type = fc.constantFrom('max' as const, 'average' as const);

  /** With stride at most the kernel, every window holds a pixel. */
  const holdPixels = windows.filter(({ kernel, stride }) => stride[0] <= kernel[0] && stride[1] <= kernel[1]);

  test('of a constant map is that constant, where windows hold pixels', () => {
    fc.assert(
      fc.property(sides, holdPixels, type, small(-9, 9), (side, window, kind, level) => {
        const pooled = pooling(full([1, 2, ...side], level, 'float64'), { ...window, type: kind });
        expect(misses(pooled, full(pooled.shape, level, 'float64'), 1e-15)).toBe(0);
      }),
    );
  });

  test('of a constant map is that constant with padding too, unless padding counts in an average', () => {
    const kinds = fc.constantFrom(
      { type: 'max' as const },
      { type: 'average' as const, countPadding: false },
    );
    fc.assert(
      fc.property(sides, kinds, small(-9, 9), (side, kind, level) => {
        const attributes = { ...kind, kernel: 3, stride: 2, pad: 1 };
        const pooled = pooling(full([1, 2, ...side], level, 'float64'), attributes);
        expect(misses(pooled, full(pooled.shape, level, 'float64'), 1e-15)).toBe(0);
      }),
    );
  });

  test('moves with the level of the map, and an average is never above the maximum', () => {
    const drawn = sides.chain((side) => values([1, 2, ...side]));
    fc.assert(
      fc.property(drawn, holdPixels, type, small(-9, 9), (map, window, kind, level) => {
        const raised = build(map.shape, (...i) => at(map, ...i) + level);
        const pooled = pooling(map, { ...window, type: kind });
        const expected = build(pooled.shape, (...i) => at(pooled, ...i) + level);
        expect(misses(pooling(raised, { ...window, type: kind }), expected, 1e-13)).toBe(0);
        const largest = pooling(map, { ...window, type: 'max' }).data;
        pooling(map, { ...window, type: 'average' }).data.forEach((mean, k) => {
          expect(mean).toBeLessThanOrEqual(largest[k]! + 1e-12);
        });
      }),
    );
  });

  test('by averages has its gradient as adjoint', () => {
    fc.assert(
      fc.property(
        sides,
        windows,
        fc.boolean(),
        fc.infiniteStream(small(-8, 8)),
        (side, window, pad, numbers) => {
          const fill = (shape: Shape): Tensor => build(shape, () => numbers.next().value as number);
          const attributes = { ...window, pad: pad ? 1 : 0, countPadding: pad };
          const x = fill([1, 2, ...side]);
          const pooled = pooling(x, { ...attributes, type: 'average' });
          const y = fill(pooled.shape);
          const back = averagePoolingGradient(y, { ...attributes, height: side[0], width: side[1] });
          expect(dot(pooled, y)).toBeCloseTo(dot(x, back), 9);
        },
      ),
    );
  });
});

describe('psroiPooling', () => {
  const attributes = { spatialScale: 0.25, outputChannels: 2, pooledSize: 3 };

  test('of maps that are constant gives the constant of the map that a bin reads, or 0 where a bin is empty', () => {
    const map = build([2, 18, 5, 7], (n, c) => 100 * n + c + 1);
    fc.assert(
      fc.property(rois(1, 28), (regions) => {
        const out = psroiPooling(map, regions, attributes);
        const expected = build(out.shape, (r, d, i, j) => {
          const value = 100 * at(regions, r, 0) + (d * 3 + i) * 3 + j + 1;
          return at(out, r, d, i, j) === 0 ? 0 : value;
        });
        expect(misses(out, expected, 1e-14)).toBe(0);
      }),
    );
  });

  test('leaves no bin of a region inside the map empty', () => {
    const corner = small(0, 27);
    fc.assert(
      fc.property(corner, corner, small(0, 19), small(0, 19), (a, b, u, v) => {
        const row = [0, Math.min(a, b), Math.min(u, v), Math.max(a, b), Math.max(u, v)];
        const out = psroiPooling(full([1, 18, 5, 7], 3), tensor([1, 5], row), attributes);
        expect([...out.data].every((value) => value === 3)).toBe(true);
      }),
    );
  });

  test('is linear in the data and has its gradient as adjoint', () => {
    const drawn = rois(2, 28).chain((regions) =>
      fc.tuple(
        values([2, 18, 5, 7]),
        values([2, 18, 5, 7]),
        fc.constant(regions),
        values([regions.shape[0]!, 2, 3, 3]),
      ),
    );
    fc.assert(
      fc.property(drawn, ([x, other, regions, y]) => {
        const pool = (data: Tensor): Tensor => psroiPooling(data, regions, attributes);
        expect(misses(pool(mix(2, x, -3, other)), mix(2, pool(x), -3, pool(other)), 1e-12)).toBe(0);
        const back = psroiPoolingGradient(y, regions, { ...attributes, images: 2, height: 5, width: 7 });
        expect(dot(pool(x), y)).toBeCloseTo(dot(x, back), 9);
      }),
      { numRuns: 50 },
    );
  });
});

describe('nonMaximumSuppression', () => {
  const options = fc.record({
    threshold: fc.constantFrom(0, 0.25, 0.5, 0.75),
    convention: fc.constantFrom('inclusive' as const, 'plain' as const),
  });
  /** Boxes with scores that are all different, in random order. */
  const scored = boxes(16, 0, 12).chain((list) => {
    const ranks = [...Array(list.shape[0]).keys()];
    const scores = fc.shuffledSubarray(ranks, { minLength: ranks.length, maxLength: ranks.length });
    return fc.record({ list: fc.constant(list), scores });
  });
  const rowsOf = (list: Tensor, rows: readonly number[]): Tensor =>
    build([rows.length, 4], (k, column) => at(list, rows[k]!, column));

  test('is idempotent and ordered: what it keeps it keeps again, best first', () => {
    fc.assert(
      fc.property(scored, options, ({ list, scores }, rule) => {
        const kept = nonMaximumSuppression(list, scores, rule);
        const keptScores = kept.map((k) => scores[k]!);
        expect(keptScores).toEqual([...keptScores].sort((a, b) => b - a));
        const again = nonMaximumSuppression(rowsOf(list, kept), keptScores, rule);
        expect(again).toEqual([...kept.keys()]);
      }),
      { numRuns: 300 },
    );
  });

  test('keeps no two boxes that overlap more than the threshold, and drops none without a better one that does', () => {
    fc.assert(
      fc.property(scored, options, ({ list, scores }, rule) => {
        const kept = nonMaximumSuppression(list, scores, rule);
        const overlaps = boxOverlaps(list, list, rule.convention);
        for (const k of scores.keys()) {
          const better = kept.some(
            (other) => scores[other]! > scores[k]! && at(overlaps, k, other) > rule.threshold,
          );
          expect(better).toBe(!kept.includes(k));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('keeps the same boxes in whatever order they come, if no two scores are equal', () => {
    const shuffled = scored.chain(({ list, scores }) =>
      fc.record({
        list: fc.constant(list),
        scores: fc.constant(scores),
        order: fc.shuffledSubarray([...scores.keys()], { minLength: scores.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, options, ({ list, scores, order }, rule) => {
        const reordered = order.map((k) => scores[k]!);
        const kept = nonMaximumSuppression(rowsOf(list, order), reordered, rule).map((k) => order[k]!);
        expect(kept).toEqual(nonMaximumSuppression(list, scores, rule));
      }),
      { numRuns: 300 },
    );
  });

  test('means the same by plain boxes that end one further as by inclusive ones', () => {
    fc.assert(
      fc.property(scored, fc.constantFrom(0, 0.25, 0.5, 0.75), ({ list, scores }, threshold) => {
        const plain = build(list.shape, (k, column) => at(list, k, column) + (column >= 2 ? 1 : 0));
        expect(nonMaximumSuppression(plain, scores, { threshold, convention: 'plain' })).toEqual(
          nonMaximumSuppression(list, scores, { threshold, convention: 'inclusive' }),
        );
        expect(boxOverlaps(plain, plain, 'plain')).toEqual(boxOverlaps(list, list, 'inclusive'));
      }),
      { numRuns: 300 },
    );
  });
});

describe('softmax', () => {
  const maps = fc
    .tuple(small(1, 3), small(1, 5), small(1, 3), small(1, 3))
    .chain((shape) => values(shape, { min: -30, max: 30 }));
  /** Softmax over axis 1, by each of the operators that have one. */
  const forms: [string, (x: Tensor) => Tensor][] = [
    ['softmax', (x) => softmax(x, { axis: 1 })],
    ['softmaxActivation', (x) => softmaxActivation(x, { mode: 'channel' })],
    [
      'softmaxOutput',
      (x) =>
        softmaxOutput(x, zeros([x.shape[0]!, x.shape[2]!, x.shape[3]!], 'float64'), { multiOutput: true }),
    ],
  ];

  test.each(forms)('by %s gives positive shares that sum to one', (_, shares) => {
    fc.assert(
      fc.property(maps, (x) => {
        const p = shares(x);
        const [N = 0, K = 0, H = 0, W = 0] = p.shape;
        expect(p.data.every((share) => share > 0)).toBe(true);
        const totals = build([N, H, W], (n, y, z) =>
          [...Array(K).keys()].reduce((sum, k) => sum + at(p, n, k, y, z), 0),
        );
        expect(misses(totals, full([N, H, W], 1, 'float64'), 1e-14)).toBe(0);
      }),
    );
  });

  test.each(forms)('by %s does not see what is added to all classes', (_, shares) => {
    fc.assert(
      fc.property(maps, small(-50, 50), (x, level) => {
        const raised = build(x.shape, (...i) => at(x, ...i) + level);
        expect(misses(shares(raised), shares(x), 1e-12)).toBe(0);
      }),
    );
  });
});

describe('batchNorm', () => {
  const drawn = fc.tuple(small(1, 3), small(1, 3), small(2, 4)).chain(([N, C, W]) =>
    fc.record({
      x: values([N, C, 2, W]),
      y: values([N, C, 2, W]),
      gamma: values([C]),
      beta: values([C]),
      mean: values([C]),
      variance: values([C], { min: 0.25, max: 4 }),
      fixGamma: fc.boolean(),
    }),
  );

  test('with moving statistics is affine in each channel, and the channels do not see each other', () => {
    fc.assert(
      fc.property(drawn, ({ x, y, gamma, beta, mean, variance, fixGamma }) => {
        const norm = (data: Tensor): Tensor =>
          batchNorm(data, gamma, beta, mean, variance, { statistics: 'moving', fixGamma }).output;
        const between = mix(0.25, norm(x), 0.75, norm(y));
        expect(misses(norm(mix(0.25, x, 0.75, y)), between, 1e-11)).toBe(0);
        const origin = norm(zeros(x.shape, 'float64'));
        const slope = norm(full(x.shape, 1, 'float64'));
        const affine = build(x.shape, (n, c, h, w) => {
          const b = at(origin, 0, c, 0, 0);
          return (at(slope, 0, c, 0, 0) - b) * at(x, n, c, h, w) + b;
        });
        expect(misses(norm(x), affine, 1e-11)).toBe(0);
      }),
    );
  });

  test('with batch statistics gives every channel the mean beta and the spread gamma, whatever scale it came in', () => {
    fc.assert(
      fc.property(drawn, fc.constantFrom(0.5, 3, 40), small(-9, 9), (input, factor, offset) => {
        const { gamma, beta, mean, variance, fixGamma } = input;
        const x = build(input.x.shape, (...i) => at(input.x, ...i) + 9 * i[3]!); // never the same everywhere
        const norm = (data: Tensor): Tensor =>
          batchNorm(data, gamma, beta, mean, variance, { epsilon: 0, fixGamma }).output;
        const out = norm(x);
        const again = batchNorm(out, gamma, beta, mean, variance, { momentum: 0 });
        expect(misses(again.movingMean, beta, 1e-9)).toBe(0);
        const spread = build(gamma.shape, (c) => (fixGamma ? 1 : at(gamma, c) ** 2));
        expect(misses(again.movingVariance, spread, 1e-9)).toBe(0);
        const moved = build(x.shape, (...i) => factor * at(x, ...i) + offset);
        expect(misses(norm(moved), out, 1e-9)).toBe(0);
      }),
    );
  });
});
