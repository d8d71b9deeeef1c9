import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sliceChannel, type SliceChannelAttributes, sliceChannelOperator } from '../../src/ops/index.ts';
import { tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';
import { shapes } from './arithmetic-cases.ts';

/** The shape of a part is drawn first; parts of size 1 may be squeezed, unless that leaves no axis. */
const cases: fc.Arbitrary<OperatorCase<SliceChannelAttributes>> = shapes
  .chain((part) =>
    fc.record({
      part: fc.constant(part),
      axis: fc.integer({ min: -part.length, max: part.length - 1 }),
      outputs: fc.integer({ min: 1, max: 4 }),
      squeeze: fc.boolean(),
    }),
  )
  .chain(({ part, axis, outputs, squeeze }) => {
    const thick = squeeze ? 1 : part.at(axis)!;
    return fc.record({
      inputs: fc.tuple(values(part.with(axis, thick * outputs))),
      attributes: fc.constant(squeeze ? { outputs, axis, squeeze } : { outputs, axis }),
    });
  });

checkOp(sliceChannelOperator, cases, {
  // Each element of the data is dealt to the part that it belongs to.
  oracle: ([data], { outputs, axis, squeeze }) => {
    const cut = axis < 0 ? axis + data!.shape.length : axis;
    const size = data!.shape[cut]! / outputs;
    const part = squeeze ? data!.shape.toSpliced(cut, 1) : data!.shape.with(cut, size);
    return Array.from({ length: outputs }, (_, k) =>
      build(part, (...index) =>
        squeeze
          ? at(data!, ...index.toSpliced(cut, 0, k))
          : at(data!, ...index.with(cut, k * size + index[cut]!)),
      ),
    );
  },
  tolerance: { float32: 0, float64: 0 },
});

describe('sliceChannel', () => {
  test('cuts the channels of every image, unless told otherwise', () => {
    const data = tensor([2, 4, 1], [1, 2, 3, 4, 5, 6, 7, 8]);
    const [first, second] = sliceChannel(data, { outputs: 2 });
    expect([...first!.data]).toEqual([1, 2, 5, 6]);
    expect([...second!.data]).toEqual([3, 4, 7, 8]);
  });

  test('squeezes parts of one element', () => {
    const parts = sliceChannel(tensor([2, 2], [1, 2, 3, 4]), { outputs: 2, squeeze: true });
    expect(parts.map(({ shape }) => shape)).toEqual([[2], [2]]);
    expect(parts.map(({ data }) => [...data])).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  test('cuts an empty axis into empty parts', () => {
    expect(sliceChannel(zeros([2, 0]), { outputs: 3 }).map(({ shape }) => shape)).toEqual([
      [2, 0],
      [2, 0],
      [2, 0],
    ]);
  });

  test.each([
    [{ outputs: 3 }, 'sliceChannel: axis 1 of 1x4 cannot be cut into 3 equal parts'],
    [{ outputs: 0 }, 'sliceChannel: outputs is 0, expected a whole number of at least 1'],
    [{ outputs: 2, squeeze: true }, 'sliceChannel: squeeze needs parts of size 1 on axis 1, got 2'],
    [{ outputs: 2, axis: 0.5 }, 'sliceChannel: axis is 0.5, expected a whole number from -2 to 1'],
    [{ outputs: 2, axis: 2 }, 'sliceChannel: axis is 2, expected a whole number from -2 to 1'],
  ])('refuses %j', (attributes, message) => {
    expect(() => sliceChannel(zeros([1, 4]), attributes)).toThrow(message);
  });
});
