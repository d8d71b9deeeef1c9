import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differentiate, gradientName, interpret, trace } from '../../src/graph/index.ts';
import {
  softmaxOutput,
  type SoftmaxOutputAttributes,
  softmaxOutputGradient,
  softmaxOutputGradientOperator,
} from '../../src/ops/index.ts';
import { full, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, sizes, values } from '../../src/testing/index.ts';

/** Labels are classes, −1, one past the last class, and fractions that are cut to these. */
const labels = (shape: readonly number[]): fc.Arbitrary<Tensor> =>
  values(shape, { min: -2, max: 5 }).map((drawn) =>
    build(shape, (...index) => Math.floor(at(drawn, ...index) * 2) / 2),
  );

const cases: fc.Arbitrary<OperatorCase<SoftmaxOutputAttributes>> = fc
  .tuple(
    fc.oneof(sizes(4, 4), sizes(2, 4, 3), sizes(2, 4, 3, 3)),
    fc.boolean(),
    fc.record({
      useIgnore: fc.boolean(),
      ignoreLabel: fc.constantFrom(-1, 2),
      normalization: fc.constantFrom('null' as const, 'batch' as const, 'valid' as const),
      gradScale: fc.constantFrom(1, 0.25, 3),
    }),
  )
  .chain(([shape, flat, attributes]) => {
    const [N = 0, , ...positions] = shape;
    const multiOutput = positions.length > 0;
    const label = multiOutput && flat ? [N, positions.reduce((a, b) => a * b)] : [N, ...positions];
    return fc.record({
      inputs: fc.tuple(values(shape, { min: 0, max: 1 }), labels(label)),
      attributes: fc.constant({ ...attributes, multiOutput }),
    });
  });

const cut = (label: number): number => (label < 0 ? Math.ceil(label) : Math.floor(label)) + 0; // no -0

checkOp(softmaxOutputGradientOperator, cases, {
  // The derivative of the cross entropy in the scores, p − onehot, over the number that the mode counts.
  oracle: ([p, label], { useIgnore, ignoreLabel, normalization, gradScale }) => {
    const [N = 0, , ...positions] = p!.shape;
    const S = positions.reduce((a, b) => a * b, 1);
    const list = [...label!.data].map(cut);
    const valid = list.filter((value) => value !== ignoreLabel).length || 1;
    const divisor = normalization === 'valid' ? valid : (normalization === 'batch' ? N : 1) * S;
    return build(p!.shape, (n, k, ...rest) => {
      const s = rest.reduce((position, i, axis) => position * positions[axis]! + i, 0);
      const truth = list[n * S + s]!;
      if (useIgnore && truth === ignoreLabel) return 0;
      return ((at(p!, n, k, ...rest) - (truth === k ? 1 : 0)) * gradScale) / divisor;
    });
  },
  tolerance: { float32: 1e-6, float64: 2e-7 }, // the scale is float32 arithmetic
});

describe('softmaxOutputGradient', () => {
  const p = tensor([2, 2], [0.25, 0.75, 0.5, 0.5]);

  test('is the probability less one at the label', () => {
    expect([...softmaxOutputGradient(p, tensor([2], [1, 0])).data]).toEqual([0.25, -0.25, -0.5, 0.5]);
  });

  test('an ignored label has no gradient, a label that is no class the bare probability', () => {
    expect([...softmaxOutputGradient(p, tensor([2], [-1, 7]), { useIgnore: true }).data]).toEqual([
      0, 0, 0.5, 0.5,
    ]);
  });

  test('valid leaves ignored labels out of the count even where it does not ignore them', () => {
    const attributes = { normalization: 'valid', gradScale: 4 } as const;
    expect([...softmaxOutputGradient(p, tensor([2], [-1, 0]), attributes).data]).toEqual([1, 3, -2, 2]);
    const none = tensor([2], [-1, -1]);
    expect([...softmaxOutputGradient(p, none, attributes).data]).toEqual([1, 3, 2, 2]); // divided by 1, not by 0
  });

  test('with a label per position, null and batch divide by the positions of a sample, valid does not', () => {
    const map = full([1, 1, 1, 4], 1, 'float64');
    const first = (normalization: 'null' | 'batch' | 'valid'): number =>
      softmaxOutputGradient(map, tensor([1, 4], [5, 5, 5, -1], 'float64'), {
        multiOutput: true,
        normalization,
      }).data[0]!;
    expect([first('null'), first('batch'), first('valid')]).toEqual([0.25, 0.25, Math.fround(1 / 3)]);
  });

  test('the scale is rounded to float32 at every step, for float64 data too', () => {
    const map = full([3, 1, 7], 1, 'float64');
    const label = full([3, 7], 9, 'float64');
    const attributes = { multiOutput: true, normalization: 'batch', gradScale: 0.1 } as const;
    const expected = Math.fround(Math.fround(Math.fround(0.1) / 7) / 3);
    expect(softmaxOutputGradient(map, label, attributes).data[0]).toBe(expected);
  });

  test('without a batch to divide by, the scale has its two roundings, for float64 data too', () => {
    const [map, label] = [full([1, 1, 7], 1, 'float64'), full([1, 7], 9, 'float64')];
    const got = (multiOutput: boolean): number | undefined =>
      multiOutput
        ? softmaxOutputGradient(map, label, { multiOutput, gradScale: 0.1 }).data[0]
        : softmaxOutputGradient(full([1, 1], 1, 'float64'), full([1], 9, 'float64'), { gradScale: 0.1 })
            .data[0];
    expect(got(false)).toBe(Math.fround(0.1));
    expect(got(true)).toBe(Math.fround(Math.fround(0.1) / 7));
  });

  test.each([
    [-0.5, 0.5],
    [0.5, -0.5],
    [1.5, 1],
  ])('cuts the label to ignore, %d, as it cuts labels, and %d is one of these', (ignoreLabel, label) => {
    const attributes = { ignoreLabel, gradScale: 2 } as const;
    const labels = tensor([2], [label, 7]);
    expect([...softmaxOutputGradient(p, labels, { ...attributes, useIgnore: true }).data]).toEqual([
      0, 0, 1, 1,
    ]);
    // Of two labels, one counts.
    const valid = softmaxOutputGradient(p, labels, { ...attributes, normalization: 'valid' });
    expect([...valid.data.slice(2)]).toEqual([1, 1]);
    const all = softmaxOutputGradient(p, tensor([2], [-2, 7]), { ...attributes, normalization: 'valid' });
    expect([...all.data.slice(2)]).toEqual([0.5, 0.5]);
  });

  test('is what softmaxOutput passes on, whatever comes in', () => {
    const graph = trace(
      (_, { x, label }) => ({ p: softmaxOutput(x, label) }),
      { x: [2, 2], label: [2] }, // prettier-ignore
    );
    const backward = differentiate(graph, 'p', ['x', 'label'], { heads: true });
    const inputs = { x: zeros([2, 2]), label: tensor([2], [0, 1]), 'head/p': full([2, 2], 1e6) };
    const { outputs } = interpret(backward, { inputs, parameters: new Map() });
    expect([...outputs[gradientName('x')]!.data]).toEqual([-0.5, 0.5, 0.5, -0.5]);
    expect([...outputs[gradientName('label')]!.data]).toEqual([0, 0]);
  });

  test('is refused a second time: no derivative passes through softmaxOutput', () => {
    const graph = trace((_, { x, label }) => ({ p: softmaxOutput(x, label) }), { x: [2, 2], label: [2] });
    const backward = differentiate(graph, 'p', ['x']);
    expect(() => differentiate(backward, gradientName('x'), ['x'])).toThrow('softmaxOutputGradient');
  });

  test('refuses labels that do not fit', () => {
    expect(() => softmaxOutputGradient(p, zeros([3]))).toThrow(
      'softmaxOutputGradient: label is 3, expected 2; one label per row',
    );
    expect(() => softmaxOutputGradient(zeros([1, 2, 3]), zeros([1, 3]))).toThrow(
      'softmaxOutputGradient: probability is 1x2x3, expected two axes',
    );
  });
});
