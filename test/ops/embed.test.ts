import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { embed, type EmbedAttributes, embedOperator, slice } from '../../src/ops/index.ts';
import { shapes } from './arithmetic-cases.ts';
import { tensor } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';

/** Per axis: elements of the data (none now and then), the step between them, and room before and behind. */
const axis = fc.record({
  size: fc.integer({ min: 0, max: 4 }),
  step: fc.constantFrom(1, 1, 2, 3, -1, -2),
  before: fc.nat({ max: 2 }),
  behind: fc.nat({ max: 2 }),
});

const cases: fc.Arbitrary<OperatorCase<EmbedAttributes>> = shapes
  .chain(({ length }) => fc.array(axis, { minLength: length, maxLength: length }))
  .chain((axes) => {
    const reach = axes.map(({ size, step }) => Math.max(0, size - 1) * Math.abs(step));
    const shape = axes.map(({ size, before, behind }, a) => before + (size && reach[a]! + 1) + behind);
    const begin = axes.map(({ step, before }, a) => before + (step < 0 ? reach[a]! : 0));
    const step = axes.map((each) => each.step);
    const plain = step.every((each) => each === 1);
    return fc.record({
      inputs: fc.tuple(values(axes.map(({ size }) => size))),
      attributes: fc.constant(plain ? { shape, begin } : { shape, begin, step }),
    });
  });

checkOp(embedOperator, cases, {
  // Each place asks which element of the data, if any, belongs there.
  oracle: ([data], { shape, begin, step }) =>
    build(shape, (...index) => {
      const from = index.map((i, a) => (i - begin[a]!) / (step[a] ?? 1));
      return from.every(Number.isInteger) ? at(data!, ...from) : 0;
    }),
  tolerance: { float32: 0, float64: 0 },
});

describe('embed', () => {
  test('a crop goes back to where it was cut', () => {
    const window = tensor([1, 2, 2], [1, 2, 3, 4]);
    expect([...embed(window, { shape: [1, 3, 3], begin: [0, 1, 1] }).data]).toEqual([
      0, 0, 0, 0, 1, 2, 0, 3, 4,
    ]);
  });

  test('a step spreads the elements, a negative one from the back', () => {
    const row = tensor([3], [1, 2, 3]);
    expect([...embed(row, { shape: [6], begin: [1], step: [2] }).data]).toEqual([0, 1, 0, 2, 0, 3]);
    expect([...embed(row, { shape: [5], begin: [4], step: [-2] }).data]).toEqual([3, 0, 2, 0, 1]);
  });

  test('is undone by the slice of the same places', () => {
    const row = tensor([3], [1, 2, 3]);
    const spread = embed(row, { shape: [7], begin: [6], step: [-3] });
    expect([...slice(spread, { begin: [6], end: [null], step: [-3] }).data]).toEqual([1, 2, 3]);
  });

  test('nothing in zeros is zeros', () => {
    expect([...embed(tensor([0], []), { shape: [2], begin: [5] }).data]).toEqual([0, 0]);
  });

  test('refuses one step for two axes', () => {
    const window = tensor([1, 2], [1, 2]);
    expect(() => embed(window, { shape: [4, 4], begin: [0, 0], step: [1] })).toThrow(
      'embed: shape, begin and step have 2, 2 and 1 entries, expected one for each axis of data (1x2; step may have none)',
    );
  });

  test.each([
    [{ shape: [4], begin: [2] }, 'axis 0 of data goes from 2 to 4 in steps of 1, expected positions below 4'],
    [{ shape: [4], begin: [1], step: [-1] }, 'axis 0 of data goes from 1 to -1 in steps of -1'],
    [{ shape: [4], begin: [5], step: [-2] }, 'axis 0 of data goes from 5 to 1 in steps of -2'],
    [{ shape: [4], begin: [4], step: [-1] }, 'axis 0 of data goes from 4 to 2 in steps of -1'],
    [{ shape: [4], begin: [0], step: [0] }, 'step[0] is 0, expected a whole number other than 0'],
    [{ shape: [4], begin: [-1] }, 'begin[0] is -1, expected a whole number of at least 0'],
    [{ shape: [3.5], begin: [0] }, 'shape[0] is 3.5, expected a whole number of at least 0'],
    [{ shape: [4, 4], begin: [0] }, 'shape, begin and step have 2, 1 and 0 entries, expected one for each'],
    [{ shape: [4], begin: [0], step: [1, 1] }, 'shape, begin and step have 1, 1 and 2 entries'],
  ])('refuses %j', (attributes, message) => {
    expect(() => embed(tensor([3], [1, 2, 3]), attributes)).toThrow(`embed: ${message}`);
  });
});
