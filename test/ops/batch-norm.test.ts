import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchNorm, type BatchNormAttributes, batchNormOperator } from '../../src/ops/index.ts';
import { full, tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';

const cases: fc.Arbitrary<OperatorCase<BatchNormAttributes>> = fc
  .tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 4 }),
    fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
  )
  .chain(([N, C, positions]) =>
    fc.record({
      inputs: fc.tuple(
        values([N, C, ...positions]),
        values([C]),
        values([C]),
        values([C]),
        values([C], { min: 0.25, max: 4 }),
      ),
      attributes: fc.record({
        epsilon: fc.constantFrom(1e-3, 1e-5),
        momentum: fc.constantFrom(0.9, 0.5, 0),
        fixGamma: fc.boolean(),
        statistics: fc.constantFrom('moving' as const, 'batch' as const),
      }),
    }),
  );

/** Less curved: a channel of equal values has a variance of epsilon. */
const smooth = cases.map(({ inputs, attributes }) => ({
  inputs,
  attributes: { ...attributes, epsilon: 0.25 },
}));

checkOp(batchNormOperator, cases, {
  nonFinite: [NaN], // an infinite scale meets an infinite offset of the other sign: NaN
  // Lists the values of each channel; the variance is the mean square less the squared mean.
  oracle: ([data, gamma, beta, mean, variance], { epsilon, momentum, fixGamma, statistics }) => {
    const [, C = 0] = data!.shape;
    const inner = data!.shape.slice(2).reduce((a, b) => a * b, 1);
    const channels = Array.from({ length: C }, (_, c) =>
      [...data!.data].filter((_, i) => Math.floor(i / inner) % C === c),
    );
    const average = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
    const batchMean = channels.map(average);
    const batchVariance = channels.map((list, c) => average(list.map((x) => x * x)) - batchMean[c]! ** 2);
    const moving = statistics === 'moving';
    const blend = (old: number, fresh: number): number =>
      moving ? old : momentum * old + (1 - momentum) * fresh;
    return [
      build(data!.shape, (...index) => {
        const c = index[1]!;
        const centre = moving ? at(mean!, c) : batchMean[c]!;
        const spread = (moving ? at(variance!, c) : Math.max(0, batchVariance[c]!)) + epsilon;
        return (
          (at(data!, ...index) - centre) * (1 / Math.sqrt(spread)) * (fixGamma ? 1 : at(gamma!, c)) +
          at(beta!, c)
        );
      }),
      build([C], (c) => blend(at(mean!, c), batchMean[c]!)),
      build([C], (c) => blend(at(variance!, c), batchVariance[c]!)),
    ];
  },
  tolerance: { float32: 2e-5, float64: 1e-9 }, // the oracle's variance cancels digits
  // The moving statistics are a state of training that no loss depends on.
  gradient: { cases: smooth, outputs: [0] },
});

const one = (value: number) => tensor([1], [value]);

describe('gradient of batchNorm', () => {
  test('is none in the moving statistics, nor in a gamma that is fixed', () => {
    const thunks = (fixGamma: boolean): readonly boolean[] => {
      const x = tensor([2, 1], [1, 5]);
      const attributes = { ...batchNormOperator.defaults, fixGamma };
      const inputs = [x, one(1), one(0), one(0), one(1)] as const;
      return batchNormOperator.gradient!([x, one(1), one(1)], inputs, [x, one(0), one(0)], attributes).map(
        (thunk) => thunk !== null,
      );
    };
    expect(thunks(false)).toEqual([true, true, true, false, false]);
    expect(thunks(true)).toEqual([true, false, true, false, false]);
  });

  test('with batch statistics is zero for heads that are the same everywhere, or follow the data', () => {
    const x = tensor([4, 1], [1, 2, 4, 9], 'float64');
    const single = (value: number) => tensor([1], [value], 'float64');
    const inputs = [x, single(3), single(0), single(0), single(1)] as const;
    const attributes = { ...batchNormOperator.defaults, epsilon: 0, fixGamma: false };
    for (const head of [full([4, 1], 7, 'float64'), x]) {
      const heads = [head, single(0), single(0)] as const;
      const [dx] = batchNormOperator.gradient!(heads, inputs, heads, attributes);
      for (const value of dx!().data) expect(value).toBeCloseTo(0, 12);
    }
  });
});

describe('batchNorm', () => {
  test('rounds moving statistics in float32 as the official MXNet groups them', () => {
    const f = Math.fround;
    const attributes = { epsilon: 1e-5, fixGamma: false, statistics: 'moving' } as const;
    for (let k = 1; k <= 50; k++) {
      const [x, g, b, m, v] = [k / 7, k / 11, -k / 13, k / 17, k / 19].map(f) as [
        number,
        number,
        number,
        number,
        number,
      ];
      const deviation = f(Math.sqrt(f(v + f(1e-5))));
      const expected = f(f(f(g / deviation) * x) + f(b - f(f(g * m) / deviation)));
      const { output } = batchNorm(tensor([1, 1], [x]), one(g), one(b), one(m), one(v), attributes);
      expect(output.data[0]).toBe(expected);
    }
  });

  test('moving statistics come back as they went in', () => {
    const [data, mean, variance] = [tensor([2, 1], [1, 5]), one(0.5), one(4)];
    const result = batchNorm(data, one(1), one(0), mean, variance, { statistics: 'moving', epsilon: 0 });
    expect([...result.output.data]).toEqual([0.25, 2.25]);
    expect([result.movingMean.data[0], result.movingVariance.data[0]]).toEqual([0.5, 4]);
  });

  test('new moving statistics use the biased variance, and the given ones are left alone', () => {
    const [data, mean, variance] = [tensor([2, 1], [1, 5]), one(0), one(0)];
    const result = batchNorm(data, one(1), one(0), mean, variance, { momentum: 0.5 });
    expect([result.movingMean.data[0], result.movingVariance.data[0]]).toEqual([1.5, 2]); // half of 3 and 4
    expect([mean.data[0], variance.data[0]]).toEqual([0, 0]);
  });

  test('the defaults are those of MXNet: batch statistics, epsilon 1e-3, momentum 0.9, gamma fixed to 1', () => {
    expect(batchNormOperator.defaults).toEqual({
      epsilon: 1e-3,
      momentum: 0.9,
      fixGamma: true,
      statistics: 'batch',
    });
    const { output } = batchNorm(tensor([2, 1], [1, 5]), one(99), one(0), one(0), one(0));
    expect(output.data[1]).toBeCloseTo(2 / Math.sqrt(4.001), 6);
  });

  test('a channel of equal values normalises to beta, however far from zero', () => {
    const { output } = batchNorm(tensor([1, 1, 3], [1e6, 1e6, 1e6]), one(1), one(0.25), one(0), one(0));
    expect([...output.data]).toEqual([0.25, 0.25, 0.25]);
  });

  const shape =
    (data: number[], gamma: number[], attributes: object = {}) =>
    (): unknown =>
      batchNormOperator.shape([data, gamma, [3], [3], [3]], { ...batchNormOperator.defaults, ...attributes });

  test.each([
    ['one axis', shape([3], [3]), 'data is 3, expected at least two axes'],
    ['a gamma of another size', shape([1, 3, 2], [4]), 'gamma is 4, expected 3; one value per channel'],
    [
      'a negative epsilon',
      shape([1, 3], [3], { epsilon: -1 }),
      'epsilon is -1, expected a finite number of at least 0',
    ],
    ['unknown statistics', shape([1, 3], [3], { statistics: 'global' }), 'expected moving or batch'],
    [
      'batch statistics of no pixel',
      () => batchNormOperator.shape([[1, 1, 0], [1], [1], [1], [1]], batchNormOperator.defaults),
      'data 1x1x0 is empty',
    ],
    ['batch statistics of nothing', shape([0, 3, 2], [3]), 'data 0x3x2 is empty'],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });

  test('has nothing to say against no channels', () => {
    const shapes = batchNormOperator.shape([[2, 0, 3], [0], [0], [0], [0]], batchNormOperator.defaults);
    expect(shapes).toEqual([[2, 0, 3], [0], [0]]);
  });

  test('normalises an empty batch with moving statistics', () => {
    const attributes = { ...batchNormOperator.defaults, statistics: 'moving' } as const;
    expect(batchNormOperator.shape([[0, 3, 2], [3], [3], [3], [3]], attributes)[0]).toEqual([0, 3, 2]);
  });
});
