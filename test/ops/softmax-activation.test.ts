import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  softmaxActivation,
  type SoftmaxActivationAttributes,
  softmaxActivationOperator,
} from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, sizes, values } from '../../src/testing/index.ts';
import { share } from './softmax-oracle.ts';

const rows: fc.Arbitrary<OperatorCase<SoftmaxActivationAttributes>> = sizes(4, 6).chain((shape) =>
  fc.record({
    inputs: fc.tuple(values(shape)),
    attributes: fc.constantFrom({}, { mode: 'instance' as const }, { mode: 'channel' as const }),
  }),
);
const maps: fc.Arbitrary<OperatorCase<SoftmaxActivationAttributes>> = fc
  .oneof(sizes(2, 4, 5), sizes(2, 4, 3, 3))
  .chain((shape) =>
    fc.record({ inputs: fc.tuple(values(shape)), attributes: fc.constant({ mode: 'channel' as const }) }),
  );

checkOp(softmaxActivationOperator, fc.oneof(rows, maps), {
  oracle: ([data]) =>
    build(data!.shape, (...index) => {
      const classes = Array.from({ length: data!.shape[1]! }, (_, k) => at(data!, ...index.with(1, k)));
      return share(classes, index[1]!);
    }),
});

describe('softmaxActivation', () => {
  test('two equal object scores are one half each, at every position of its own', () => {
    const data = tensor([1, 2, 1, 2], [5, 0, 5, Math.log(3)]);
    const expected = [0.5, 0.25, 0.5, 0.75];
    const { data: got } = softmaxActivation(data, { mode: 'channel' });
    expected.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 6));
  });

  test.each([
    [
      'four axes in mode instance',
      [1, 2, 3, 4],
      {},
      'data is 1x2x3x4, mode instance expects two axes (rows, classes)',
    ],
    ['one axis in mode instance', [3], {}, 'mode instance expects two axes'],
    ['one axis in mode channel', [3], { mode: 'channel' }, 'mode channel expects at least two axes'],
    ['an unknown mode', [1, 2], { mode: 'pixel' }, 'mode is "pixel", expected instance or channel'],
  ])('refuses %s', (_, shape, attributes, message) => {
    const complete = { mode: 'instance', ...attributes } as Required<SoftmaxActivationAttributes>;
    expect(() => softmaxActivationOperator.shape([shape], complete)).toThrow(message);
  });
});
