/**
 * Non-maximum suppression on the device, of boxes in falling order of score; what it keeps is what
 * `src/ops/non-maximum-suppression.ts` keeps.
 *
 * Which pairs overlap too much is worked out for all pairs at once, 24 pairs in a number: as many bits as float32
 * counts exactly. The rest has an order: a box is dropped only by boxes that are kept. So the boxes are settled a block
 * of 24 at a time: one kernel walks the block, the next one drops all boxes that overlap with what the block keeps.
 *
 * A pair is decided as the reference does, by float32(shared / union) > threshold, in modes webasm and cpu. Division is
 * not exact on graphics cards: 1 / 2 might come out above ½. Therefore no kernel divides. The quotient rounds to more
 * than the threshold t exactly where shared > (t + h) · union, h being half the step from t to the next float32 (the
 * quotient of two float32 never falls on a midpoint). t · union is computed with its rounding error, by Dekker's product
 * of halves, so that in float32 arithmetic the comparison is exact. Modes webgl2 and webgpu may fuse or reorder
 * arithmetic: there a pair may be decided otherwise when its overlap is within rounding, some 1e-7, of the threshold;
 * not so for boxes at whole pixels and the usual thresholds.
 *
 * NaN      A box with a NaN coordinate overlaps nothing; in modes webgl2 and webgpu as far as these know NaN.
 * Letters  N images, C boxes each (candidates), B = ⌈C / 24⌉ blocks
 */
import type { BoxConvention } from '../../ops/index.ts';
import { ShapeError } from '../../tensor/errors.ts';
import type { Argument, KernelSpec, Step } from './kernel.ts';
import { plainKernel } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

/** Pairs in a number of the overlap table. */
export const BITS = 24;

type Letters = 'B' | 'unit' | 'threshold' | 'upper' | 'lower' | 'halfStep';

/**
 * Row n·B + b, column i: bit k tells whether box i overlaps too much with the better box 24·b + k.
 *
 * @param boxes plane 4·n + k, column i: corner k of box i
 */
function overlaps(this: Thread<Letters>, boxes: Planes): number {
  const n = Math.floor((this.thread.z + 0.5) / this.constants.B);
  const first = (this.thread.z - n * this.constants.B) * 24;
  const unit = this.constants.unit;
  const x1 = boxes[n * 4]![0]![this.thread.x]!;
  const y1 = boxes[n * 4 + 1]![0]![this.thread.x]!;
  const x2 = boxes[n * 4 + 2]![0]![this.thread.x]!;
  const y2 = boxes[n * 4 + 3]![0]![this.thread.x]!;
  const area = Math.fround(
    Math.fround(Math.fround(x2 - x1) + unit) * Math.fround(Math.fround(y2 - y1) + unit),
  );
  let bits = 0;
  let bit = 1;
  for (let k = 0; k < 24; k++) {
    if (first + k < this.thread.x) {
      const u1 = boxes[n * 4]![0]![first + k]!;
      const v1 = boxes[n * 4 + 1]![0]![first + k]!;
      const u2 = boxes[n * 4 + 2]![0]![first + k]!;
      const v2 = boxes[n * 4 + 3]![0]![first + k]!;
      const width = Math.fround(Math.fround(Math.min(x2, u2) - Math.max(x1, u1)) + unit);
      const height = Math.fround(Math.fround(Math.min(y2, v2) - Math.max(y1, v1)) + unit);
      if (width > 0 && height > 0) {
        const other = Math.fround(
          Math.fround(Math.fround(u2 - u1) + unit) * Math.fround(Math.fround(v2 - v1) + unit),
        );
        const shared = Math.fround(width * height);
        const union = Math.fround(Math.fround(area + other) - shared);
        const product = this.constants.threshold * union;
        const scaled = 4097 * union; // 2^12 + 1: cuts the 24 digits of union in halves
        const upper = scaled - (scaled - union);
        const lower = union - upper;
        let rest = this.constants.upper * upper - product;
        rest += this.constants.upper * lower;
        rest += this.constants.lower * upper;
        rest += this.constants.lower * lower;
        if (shared - product - rest > this.constants.halfStep * union) bits += bit;
      }
    }
    bit *= 2;
  }
  return bits;
}

/**
 * Two numbers: which boxes of the next block are kept, a bit each; and the block's number.
 *
 * @param dropped 1 for each box that a kept one of an earlier block drops
 * @param settled what this kernel gave for the block before
 */
function settle(this: Thread<'B' | 'C'>, overlaps: Planes, dropped: Planes, settled: Planes): number {
  const block = settled[this.thread.z]![0]![1]! + 1;
  if (this.thread.x > 0) return block;
  let kept = 0;
  let bit = 1;
  for (let k = 0; k < 24; k++) {
    const i = block * 24 + k;
    if (i < this.constants.C) {
      const shared = overlaps[this.thread.z * this.constants.B + block]![0]![i]! & kept;
      if (shared === 0 && dropped[this.thread.z]![0]![i]! < 1) kept += bit;
    }
    bit *= 2;
  }
  return kept;
}

/** Drops what overlaps with the boxes that the block settled last keeps; boxes overlap only with better ones. */
function drop(this: Thread<'B'>, overlaps: Planes, dropped: Planes, settled: Planes): number {
  const block = settled[this.thread.z]![0]![1]!;
  const kept = settled[this.thread.z]![0]![0]!;
  const shared = overlaps[this.thread.z * this.constants.B + block]![0]![this.thread.x]! & kept;
  if (shared > 0) return 1;
  return dropped[this.thread.z]![0]![this.thread.x]!;
}

/** No block is settled, and no box dropped. Kernels of their own, since gpu.js compiles for one kind of argument. */
function nothingSettled(this: Thread): number {
  return 0 - this.thread.x;
}
function nothingDropped(): number {
  return 0;
}

/** What is suppressed: N lists of C boxes, best first. */
export interface RankedBoxes {
  readonly N: number;
  readonly C: number;
  readonly threshold: number;
  readonly convention: BoxConvention;
}

export const blocksOf = (C: number): number => Math.ceil(C / BITS);

/** More numbers than this in a tensor, and a device's indices are no longer exact. */
const LARGEST_EXACT = 2 ** 24;

/** The kernel that makes the table of overlaps (N·B, 1, C) from corners (4·N, 1, C). */
export function overlapKernel({ N, C, threshold, convention }: RankedBoxes): KernelSpec {
  const B = blocksOf(C);
  if (N * B * C > LARGEST_EXACT) {
    throw new ShapeError(
      `nonMaximumSuppression: ${N} x ${C} boxes are too many for a device; use at most ${Math.floor(Math.sqrt((LARGEST_EXACT * BITS) / N)) - BITS} candidates`,
    );
  }
  const constants = { B, unit: convention === 'inclusive' ? 1 : 0, ...halvesOf(Math.fround(threshold)) };
  return plainKernel('overlaps', overlaps, constants, [N * B, 1, C]);
}

/** A float32 as the sum of two numbers of 12 digits, and half the step to the next float32. */
function halvesOf(threshold: number): Record<'threshold' | 'upper' | 'lower' | 'halfStep', number> {
  const { fround } = Math;
  const scaled = fround(4097 * threshold);
  const upper = fround(scaled - fround(scaled - threshold));
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, threshold);
  bits.setUint32(0, bits.getUint32(0) + 1);
  return { threshold, upper, lower: threshold - upper, halfStep: (bits.getFloat32(0) - threshold) / 2 };
}

/**
 * The steps after `first` others that suppress. The last one gives (N, 1, C): 0 for each box that is kept, else 1.
 *
 * @param boxes (4·N, 1, C): plane 4·n + k is corner k of the boxes of image n
 */
export function suppressionSteps(boxes: Argument, first: number, ranked: RankedBoxes): Step[] {
  const { N, C } = ranked;
  const B = blocksOf(C);
  const perBlock = [N, 1, 2];
  const perBox = [N, 1, C];
  const settleSpec = plainKernel('settle', settle, { B, C }, perBlock);
  const dropSpec = plainKernel('drop', drop, { B }, perBox);
  const steps: Step[] = [];
  const launch = (spec: KernelSpec, ...args: readonly Argument[]): Argument => {
    steps.push({ spec, arguments: args });
    return { from: 'step', index: first + steps.length - 1 };
  };
  const table = launch(overlapKernel(ranked), boxes);
  let settled = launch(plainKernel('start', nothingSettled, {}, perBlock));
  let dropped = launch(plainKernel('start', nothingDropped, {}, perBox));
  for (let block = 0; block < B; block++) {
    settled = launch(settleSpec, table, dropped, settled);
    dropped = launch(dropSpec, table, dropped, settled);
  }
  return steps;
}
