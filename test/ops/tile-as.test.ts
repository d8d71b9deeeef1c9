import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tileAs, tileAsOperator } from '../../src/ops/index.ts';
import { zeros } from '../../src/tensor/index.ts';
import {
  at,
  build,
  checkOp,
  gradientsOf,
  type OperatorCase,
  sizes,
  values,
} from '../../src/testing/index.ts';

const cases: fc.Arbitrary<OperatorCase<object>> = fc
  .tuple(sizes(3, 2, 3), sizes(4, 2))
  .chain(([content, like]) =>
    fc.record({ inputs: fc.tuple(values([1, ...content]), values(like)), attributes: fc.constant({}) }),
  );

checkOp(tileAsOperator, cases, {
  tolerance: { float32: 0, float64: 0 },
  skip: { gradient: 'the official operator passes none' },
  oracle: ([content, like]) =>
    build(content!.shape.with(0, like!.shape[0]!), (_n, ...rest) => at(content!, 0, ...rest)),
});

test('no images of the other tensor give none', () => {
  expect(tileAs(zeros([1, 3]), zeros([0, 7])).shape).toEqual([0, 3]);
});

test('two images, or a scalar to count by, are refused', () => {
  expect(() => tileAs(zeros([2, 3]), zeros([4, 3]))).toThrow(
    'tileAs: data_content is 2x3, expected one image (1x…)',
  );
  expect(() => tileAs(zeros([1, 3]), zeros([]))).toThrow('tileAs: data_shape is a scalar, expected a batch');
});

test('neither input gets a gradient', () => {
  const inputs = [zeros([1, 3]), zeros([2, 3])];
  expect(gradientsOf(tileAsOperator, inputs, [zeros([2, 3])])).toEqual([null, null]);
});
