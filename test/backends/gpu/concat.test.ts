import { describe, expect, test } from 'vitest';
import { operators, runOperator } from '../../../src/ops/index.ts';
import { tensor } from '../../../src/tensor/index.ts';
import { runFast, runObvious } from './emulator.ts';

/** Channels numbered through all inputs, one pixel each. */
function channels(...counts: readonly number[]): ReturnType<typeof tensor>[] {
  let next = 1;
  return counts.map((count) =>
    tensor(
      [1, count, 1, 1],
      Float32Array.from({ length: count }, () => next++),
    ),
  );
}

describe('the fast concat', () => {
  test.each([
    ['that fill texels', [4, 8, 4]],
    ['that begin in every lane', [1, 1, 1, 1, 1]],
    ['that cross texels', [2, 7, 3, 5]],
    ['as in FlowNet: many, many, and two of a flow', [16, 8, 2]],
    ['of a single tensor', [3]],
  ])('keeps the order of channels %s', (_, counts) => {
    const [result] = runFast('concat', channels(...counts), {})!;
    expect([...result!.data]).toEqual(Array.from(result!.data, (__, i) => i + 1));
  });
});

describe('the obvious concat', () => {
  test('joins any number of tensors, two at a time', () => {
    const parts = channels(3, 1, 4, 1, 5, 9, 2, 6, 5);
    const [expected] = runOperator(operators.concat, parts, {});
    expect(runObvious('concat', parts, {})[0]).toEqual(expected);
  });

  test('gives a single tensor as it is', () => {
    const [x] = channels(5);
    expect(runObvious('concat', [x!], { axis: -4 })[0]).toEqual(x);
  });
});
