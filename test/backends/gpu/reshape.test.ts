import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainAxes } from '../../../src/backends/gpu/layout.ts';
import { plainInput } from '../../../src/backends/gpu/plain-kernel.ts';
import { reshapeStep } from '../../../src/backends/gpu/reshape.ts';
import { elementCount, type Shape } from '../../../src/tensor/index.ts';

type Kernel = (this: object, data: unknown, ...tables: unknown[]) => number;

/** What one invocation for a flat position reads: data that are never made give their own flat position. */
function read(from: Shape, to: Shape, position: number): number {
  const { spec, arguments: args } = reshapeStep(plainInput(0), from, to);
  const tables = args.slice(1).map((argument) => {
    if (argument.from !== 'table') throw new Error('reshape reads tables only');
    const { data } = argument.upload;
    const size = data.length / 3;
    return [[0, 1, 2].map((part) => data.subarray(part * size, (part + 1) * size))];
  });
  const [W, H] = plainAxes(from);
  const numbers = lazy((plane) => lazy((row) => lazy((column) => (plane * H + row) * W + column)));
  const [columns, rows] = plainAxes(to);
  const line = Math.floor(position / columns);
  const thread = { x: position % columns, y: line % rows, z: Math.floor(line / rows) };
  const kernel = runInNewContext(`(${spec.source})`) as Kernel;
  return kernel.call({ thread, constants: spec.constants }, numbers, ...tables);
}

const lazy = (at: (index: number) => unknown): object => new Proxy({}, { get: (_, key) => at(Number(key)) });

describe('reshape on the device', () => {
  test('finds every number, also beyond the whole numbers that a float32 holds', () => {
    const sizes = fc.tuple(...[40, 400, 400, 40].map((max) => fc.integer({ min: 1, max })));
    const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
    fc.assert(
      fc.property(
        sizes,
        order,
        fc.nat(2),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (from, axes, joined, share) => {
          const shuffled = axes.map((axis) => from[axis]!);
          const to = shuffled.toSpliced(joined, 2, shuffled[joined]! * shuffled[joined + 1]!);
          const position = Math.min(elementCount(from) - 1, Math.floor(share * elementCount(from)));
          expect(read(from, to, position)).toBe(position);
        },
      ),
      { examples: [[[40, 400, 400, 40], [3, 2, 1, 0], 0, 0.999999]] },
    );
  });
});
