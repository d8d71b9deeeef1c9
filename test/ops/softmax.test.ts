import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { softmax, type SoftmaxAttributes, softmaxOperator } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, sizes, values } from '../../src/testing/index.ts';
import { share } from './softmax-oracle.ts';

const cases: fc.Arbitrary<OperatorCase<SoftmaxAttributes>> = fc
  .integer({ min: 1, max: 4 })
  .chain((rank) =>
    fc.tuple(sizes(...new Array<number>(rank).fill(4)), fc.integer({ min: -rank, max: rank - 1 })),
  )
  .chain(([shape, axis]) =>
    fc.record({
      inputs: fc.tuple(values(shape)),
      attributes: fc.record({ axis: fc.constant(axis), temperature: fc.constantFrom(1, 0.5, 3) }),
    }),
  );

checkOp(softmaxOperator, cases, {
  oracle: ([data], { axis, temperature }) => {
    const along = axis < 0 ? axis + data!.shape.length : axis;
    return build(data!.shape, (...index) => {
      const line = Array.from({ length: data!.shape[along]! }, (_, k) => at(data!, ...index.with(along, k)));
      return share(
        line.map((x) => x / temperature),
        index[along]!,
      );
    });
  },
});

describe('softmax', () => {
  test('large values do not overflow', () => {
    expect([...softmax(tensor([1, 2], [1000, 1000])).data]).toEqual([0.5, 0.5]);
    expect([...softmax(tensor([1, 2], [-1000, 0])).data]).toEqual([0, 1]);
  });

  test('minus infinity gets no share, plus infinity and NaN spoil their line only', () => {
    const data = tensor([4, 2], [-Infinity, 0, Infinity, 0, NaN, 0, 3, 3]);
    expect([...softmax(data).data]).toEqual([0, 1, NaN, NaN, NaN, NaN, 0.5, 0.5]);
  });

  test.each([
    ['an axis that is not there', { axis: 2 }, 'softmax: axis is 2, expected a whole number from -2 to 1'],
    ['a temperature of 0', { temperature: 0 }, 'softmax: temperature is 0, expected a finite number above 0'],
  ])('refuses %s', (_, attributes, message) => {
    expect(() => softmax(tensor([1, 2], [1, 2]), attributes)).toThrow(message);
  });
});
