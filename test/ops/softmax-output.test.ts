import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { softmaxOutput, type SoftmaxOutputAttributes, softmaxOutputOperator } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, sizes, values } from '../../src/testing/index.ts';
import { share } from './softmax-oracle.ts';

/** What only the gradient looks at. */
const settings = fc.record({
  useIgnore: fc.boolean(),
  ignoreLabel: fc.constantFrom(-1, 2),
  normalization: fc.constantFrom('null' as const, 'batch' as const, 'valid' as const),
  gradScale: fc.constantFrom(1, 0.25),
});

const cases: fc.Arbitrary<OperatorCase<SoftmaxOutputAttributes>> = fc
  .tuple(fc.oneof(sizes(4, 5), sizes(2, 4, 3), sizes(2, 4, 3, 3)), fc.boolean(), settings)
  .chain(([shape, flat, attributes]) => {
    const [N = 0, , ...positions] = shape;
    const multiOutput = positions.length > 0;
    const label = multiOutput && flat ? [N, positions.reduce((a, b) => a * b)] : [N, ...positions];
    return fc.record({
      inputs: fc.tuple(values(shape), values(label, { min: -1, max: 4 })),
      attributes: fc.constant({ ...attributes, multiOutput }),
    });
  });

checkOp(softmaxOutputOperator, cases, {
  oracle: ([data]) =>
    build(data!.shape, (...index) => {
      const classes = Array.from({ length: data!.shape[1]! }, (_, k) => at(data!, ...index.with(1, k)));
      return share(classes, index[1]!);
    }),
  skip: { gradient: "MXNet's rule: that of the cross entropy, whatever comes in" },
});

describe('softmaxOutput', () => {
  test('gives the probability, not the loss, whatever the label', () => {
    const data = tensor([2, 2], [1, 1, 0, 1000]);
    expect([...softmaxOutput(data, tensor([2], [0, NaN])).data]).toEqual([0.5, 0.5, 0, 1]);
  });

  const shape = (data: number[], label: number[], attributes: object) => (): unknown =>
    softmaxOutputOperator.shape([data, label], { ...softmaxOutputOperator.defaults, ...attributes });

  test('takes the labels of the region proposal network flat', () => {
    expect(shape([1, 2, 324, 63], [1, 324 * 63], { multiOutput: true })()).toEqual([[1, 2, 324, 63]]);
  });

  test('takes maps without positions, which have a label a row', () => {
    expect(shape([4, 5], [4], { multiOutput: true })()).toEqual([[4, 5]]);
    expect(shape([4, 5], [4, 1], { multiOutput: true })()).toEqual([[4, 5]]);
  });

  test.each([
    ['a label per class', shape([4, 5], [4, 5], {}), 'label is 4x5, expected 4; one label per row'],
    [
      'maps without multiOutput',
      shape([1, 2, 3], [1, 3], {}),
      'expected two axes (rows, classes); set multiOutput',
    ],
    [
      'one axis',
      shape([4], [4], { multiOutput: true }),
      'data is 4, expected at least two axes (batch, classes)',
    ],
    [
      'labels of another map',
      shape([1, 2, 3, 4], [1, 4, 3], { multiOutput: true }),
      'label is 1x4x3, expected 1x3x4; or flat, 1x12',
    ],
    [
      'an unknown normalisation',
      shape([4, 5], [4], { normalization: 'all' }),
      'normalization is "all", expected null or batch or valid',
    ],
    ['an infinite scale', shape([4, 5], [4], { gradScale: Infinity }), 'gradScale is Infinity'],
  ])('refuses %s', (_, call, message) => {
    expect(call).toThrow(message);
  });

  test('refuses a label to ignore that is no number, and names no bound, since it has none', () => {
    expect(shape([4, 5], [4], { ignoreLabel: NaN })).toThrow(
      /^softmaxOutput: ignoreLabel is NaN, expected a finite number$/,
    );
  });
});
