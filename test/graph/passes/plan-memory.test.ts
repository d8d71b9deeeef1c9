import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lifetimes, optimize, type PerOutput, planMemory, trace } from '../../../src/graph/index.ts';
import { configure, officialGraph } from '../../../src/nets/index.ts';
import { elementwiseAdd, exp, relu, sliceChannel } from '../../../src/ops/index.ts';
import { elementCount } from '../../../src/tensor/index.ts';
import { randomGraphs } from './kit.ts';

interface Block {
  readonly made: number;
  readonly end: number;
  readonly size: number;
  readonly offset: number;
}

/** Any number of nodes, each with some outputs that are read for a while. */
const anyCase = fc.record({
  nodes: fc.array(
    fc.array(fc.record({ size: fc.nat({ max: 50 }), lasts: fc.nat({ max: 6 }) }), { maxLength: 3 }),
    { maxLength: 20 },
  ),
  alignment: fc.constantFrom(1, 4, 16),
});

/** The largest sum of sizes that live while one node runs. */
function mostAlive(sizes: PerOutput<number>, ends: PerOutput<number>): number {
  const alive = sizes.map((_, at) =>
    sum(sizes.flatMap((list, made) => list.filter((_size, k) => made <= at && at <= ends[made]![k]!))),
  );
  return Math.max(0, ...alive);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, x) => total + x, 0);

describe('lifetimes', () => {
  test('end with the last reader; where nobody reads, with the node itself; for outputs, behind all nodes', () => {
    const graph = trace(
      (_, { x }) => {
        const first = relu(x); // 0, read by 1 and 3
        const [half, other] = sliceChannel(first, { outputs: 2 }); // 1, halves read by 2 and by nobody
        const second = exp(half!); // 2, an output that 3 reads too
        const last = elementwiseAdd(first, first); // 3, which nobody reads
        void [other, last];
        return { second, half: half!, x };
      },
      { x: [1, 2] },
    );
    expect(lifetimes(graph)).toEqual([[3], [4, 1], [4], [3]]);
  });

  test('agree with readers counted one by one, on random graphs', () => {
    fc.assert(
      fc.property(randomGraphs, (graph) => {
        lifetimes(graph).forEach((ends, node) =>
          ends.forEach((end, output) => {
            const reads = (ref: { from: string; index: number; output?: number }): boolean =>
              ref.from === 'node' && ref.index === node && ref.output === output;
            const last = graph.nodes.findLastIndex(({ inputs }) => inputs.some(reads));
            const isOutput = graph.outputs.some(({ value }) => reads(value));
            expect(end).toBe(isOutput ? graph.nodes.length : Math.max(last, node));
          }),
        );
      }),
    );
  });
});

describe('planMemory', () => {
  test('no two values that live together overlap; the whole is between the most that lives at once and everything', () => {
    fc.assert(
      fc.property(anyCase, ({ nodes, alignment }) => {
        const sizes = nodes.map((outputs) => outputs.map(({ size }) => size));
        const ends = nodes.map((outputs, node) => outputs.map(({ lasts }) => node + lasts));
        const plan = planMemory(sizes, ends, alignment);
        const blocks = sizes.flatMap((list, made) =>
          list.map((size, k): Block => {
            const rounded = Math.ceil(size / alignment) * alignment;
            return { made, end: ends[made]![k]!, size: rounded, offset: plan.offsets[made]![k]! };
          }),
        );
        const alive = (at: number): Block[] => blocks.filter(({ made, end }) => made <= at && at <= end);
        for (let at = 0; at < nodes.length; at++) {
          const taken = alive(at)
            .filter(({ size }) => size > 0)
            .toSorted((a, b) => a.offset - b.offset);
          taken.forEach(({ offset }, k) => {
            if (k > 0) expect(offset).toBeGreaterThanOrEqual(taken[k - 1]!.offset + taken[k - 1]!.size);
          });
          expect(plan.size).toBeGreaterThanOrEqual(sum(taken.map(({ size }) => size)));
        }
        for (const { offset, size } of blocks) {
          expect(offset % alignment).toBe(0);
          expect(offset + size).toBeLessThanOrEqual(size > 0 ? plan.size : 0);
        }
        expect(plan.size).toBeLessThanOrEqual(sum(blocks.map(({ size }) => size)));
      }),
    );
  });

  test('a chain of equal values needs room for two of them: what is read and what is made', () => {
    const sizes = Array.from({ length: 10 }, () => [100]);
    const plan = planMemory(
      sizes,
      sizes.map((_, index) => [index + 1]),
    );
    expect(plan.size).toBe(200);
  });

  test('takes the smallest gap that is large enough', () => {
    // The second and fourth value end early; between those that stay they leave gaps of 40 and 30.
    const sizes = [[50, 40, 35, 30, 20], [], [], [10]];
    const plan = planMemory(sizes, [[9, 2, 9, 2, 9], [], [], [9]]);
    expect(plan).toEqual({ offsets: [[0, 50, 90, 125, 155], [], [], [125]], size: 175 });
  });

  test('values of no size are nowhere in the way, and no values need no memory', () => {
    expect(planMemory([[0], [8], [0]], [[9], [9], [9]])).toEqual({ offsets: [[0], [0], [0]], size: 8 });
    expect(planMemory([], [])).toEqual({ offsets: [], size: 0 });
  });

  test('the official graphs need no more than what lives at once', () => {
    for (const kind of ['key', 'current'] as const) {
      const size = { height: 200, width: 300 };
      const { graph } = optimize(officialGraph(kind, configure({ widthDivisor: 16 }), size));
      const bytes = graph.nodes.map(({ shapes }) => shapes.map((shape) => 4 * elementCount(shape)));
      const ends = lifetimes(graph);
      expect(planMemory(bytes, ends).size).toBe(mostAlive(bytes, ends));
    }
  });
});
