/**
 * planMemory: places for all values of a graph in one stretch of memory, where values share room that are never wanted at
 * the same time.
 *
 * Best fit by size: the largest value goes first; each takes the smallest gap that it fits in between those values it
 * lives together with, and a place behind them where it fits nowhere. This comes close to the best arrangement, which is
 * expensive to find.
 */
import type { PerOutput } from './lifetimes.ts';

export interface MemoryPlan {
  /** Where each output of each node begins, in the unit of the sizes. Multiples of the alignment. */
  readonly offsets: PerOutput<number>;
  /** The length of the whole. */
  readonly size: number;
}

/** A value that lives from the node that makes it to the last that reads it, both included. */
interface Block {
  readonly node: number;
  readonly output: number;
  readonly end: number;
  readonly size: number;
}

interface Placed extends Block {
  readonly offset: number;
}

/**
 * @param sizes of each output of each node, in bytes or any other unit; 0 for values that are kept elsewhere
 * @param ends of each output of each node, from `lifetimes`
 * @param alignment sizes are rounded up to multiples of it. Default 1
 * @example planMemory(graph.nodes.map(({ shapes }) => shapes.map(elementCount)), lifetimes(graph), 64)
 */
export function planMemory(
  sizes: PerOutput<number>,
  ends: PerOutput<number>,
  alignment: number = 1,
): MemoryPlan {
  const blocks = sizes.flatMap((list, node) =>
    list.map((size, output): Block => {
      return { node, output, end: ends[node]![output]!, size: Math.ceil(size / alignment) * alignment };
    }),
  );
  const offsets = sizes.map((list) => list.map(() => 0));
  const placed: Placed[] = []; // by offset
  for (const block of blocks.filter(({ size }) => size > 0).toSorted((a, b) => b.size - a.size)) {
    const offset = bestGap(
      block,
      placed.filter((other) => meet(block, other)),
    );
    offsets[block.node]![block.output] = offset;
    const behind = placed.findIndex((other) => other.offset > offset);
    placed.splice(behind < 0 ? placed.length : behind, 0, { ...block, offset });
  }
  return { offsets, size: Math.max(0, ...placed.map(({ offset, size }) => offset + size)) };
}

/** Whether two values are wanted at the same time. While a node runs, both what it reads and what it makes are. */
function meet(a: Block, b: Block): boolean {
  return a.node <= b.end && b.node <= a.end;
}

/** Where a block goes between others, which are sorted by offset and may overlap each other. */
function bestGap({ size }: Block, others: readonly Placed[]): number {
  let [best, room] = [-1, Infinity];
  let end = 0; // of the others so far
  for (const other of others) {
    const gap = other.offset - end;
    if (gap >= size && gap < room) [best, room] = [end, gap];
    end = Math.max(end, other.offset + other.size);
  }
  return best < 0 ? end : best;
}
