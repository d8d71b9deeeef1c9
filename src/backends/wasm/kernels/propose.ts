/**
 * The regions of an image: candidates from the best score down, without those that overlap a better one too much.
 *
 *   item = image
 *   for each candidate, best first, until there are enough: kept unless its overlap with a kept one is above the threshold
 *
 * A candidate is compared with four kept boxes at a time, in the float32 steps of `nonMaximumSuppression`.
 */
import { type Body, f32, f32x4, i32, type Local, v128, type V128 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { COUNT_BYTES, sortFunction } from './radix-sort.ts';

const fields = {
  boxes: 'address',
  scores: 'address',
  keys: 'address',
  /** Candidates of an image, and how many of the best take part. */
  count: 'i32',
  candidates: 'i32',
  /** Rows of the output. */
  rows: 'i32',
  threshold: 'f32',
  output: 'address',
  outputScores: 'address',
  /** See `workBytes`. */
  work: 'address',
} as const;

/** Bytes that an item works in: two orders, counts, indices and tables of what is kept. */
export function workBytes(count: number, rows: number): number {
  return 8 * count + COUNT_BYTES + 6 * tableBytes(count, rows);
}

/** Bytes of one number of each box that may be kept, filled up to whole vectors. */
export function tableBytes(count: number, rows: number): number {
  return 16 * Math.ceil(Math.min(count, rows) / 4);
}

/** @param tables bytes of one table of kept boxes */
export function proposeKernel(tables: number): Kernel<typeof fields> {
  return defineKernel({
    name: `propose ${tables}`,
    fields,
    write(body, record, module) {
      const { count, candidates, rows, threshold, item } = record;
      const first = i32.multiply(item, count);
      const boxes = body.let(i32.add(record.boxes, i32.multiply(first, 16)));
      const scores = body.let(i32.add(record.scores, i32.multiply(first, 4)));
      const keys = body.let(i32.add(record.keys, i32.multiply(first, 4)));
      const orderBytes = body.let(i32.multiply(count, 4));
      const bytes = i32.add(i32.multiply(orderBytes, 2), COUNT_BYTES + 6 * tables);
      const order = body.let(i32.add(record.work, i32.multiply(item, bytes)));
      const other = body.let(i32.add(order, orderBytes));
      const counts = body.let(i32.add(other, orderBytes));
      body.perform(sortFunction(module).call({ keys, count, order, other, counts }));

      const indices = body.let(i32.add(counts, COUNT_BYTES));
      const kept = body.let(i32.add(indices, tables));
      const keptBytes = suppress(body, { boxes, order, candidates, rows, threshold, indices, kept, tables });

      const row = i32.multiply(item, rows);
      const to = body.let(i32.add(record.output, i32.multiply(row, 20)));
      const toScore = body.let(i32.add(record.outputScores, i32.multiply(row, 4)));
      const next = body.let(i32.constant(0));
      body.for(0, rows, 1, () => {
        const index = body.let(i32.load(i32.add(indices, next)));
        body.perform(f32.store(to, f32.fromI32(item)));
        body.perform(v128.store(to, v128.load(i32.add(boxes, i32.multiply(index, 16))), 4));
        body.perform(f32.store(toScore, f32.load(i32.add(scores, i32.multiply(index, 4)))));
        body.increase(to, 20);
        body.increase(toScore, 4);
        body.increase(next, 4);
        body.if(i32.equal(next, keptBytes), () => body.set(next, 0));
      });
    },
  });
}

type Suppression = Readonly<
  Record<'boxes' | 'order' | 'candidates' | 'rows' | 'indices' | 'kept', Local<'i32'>>
> & { readonly threshold: Local<'f32'>; readonly tables: number };

/** Writes the indices of what is kept; four times their number. The table of what is kept: x1, y1, x2, y2, areas. */
function suppress(
  body: Body,
  { boxes, order, candidates, rows, threshold, indices, kept, tables }: Suppression,
): Local<'i32'> {
  const keptBytes = body.let(i32.constant(0));
  const limit = body.let(i32.multiply(rows, 4));
  const limits = body.let(f32x4.splat(threshold));
  const one = body.let(f32x4.splat(1));
  const nothing = body.let(f32x4.splat(NaN));
  const place = body.let(i32.constant(0));
  const isSuppressed = body.local('i32');
  const hasRoom = (): ReturnType<typeof i32.and> =>
    i32.and(i32.less(place, candidates), i32.less(keptBytes, limit));
  body.while(hasRoom(), () => {
    const index = body.let(i32.load(i32.add(order, i32.multiply(place, 4))));
    const box = body.let(i32.add(boxes, i32.multiply(index, 16)));
    const [x1, y1, x2, y2] = [0, 4, 8, 12].map((bytes) => body.let(v128.loadSplat(box, bytes))) as [
      Local<'v128'>,
      Local<'v128'>,
      Local<'v128'>,
      Local<'v128'>,
    ];
    const extent = (low: V128, high: V128): V128 => f32x4.add(f32x4.subtract(high, low), one);
    const area = body.let(f32x4.multiply(extent(x1, x2), extent(y1, y2)));
    const at = body.let(kept);
    const end = body.let(i32.add(kept, keptBytes));
    body.set(isSuppressed, 0);
    body.while(i32.and(i32.below(at, end), i32.isZero(isSuppressed)), () => {
      const other = (k: number): V128 => v128.load(at, k * tables);
      const width = body.let(extent(f32x4.maximum(x1, other(0)), f32x4.minimum(x2, other(2))));
      const height = body.let(extent(f32x4.maximum(y1, other(1)), f32x4.minimum(y2, other(3))));
      const shared = body.let(f32x4.multiply(width, height));
      const union = f32x4.subtract(f32x4.add(area, other(4)), shared);
      const meets = v128.and(f32x4.greater(width, v128.zero), f32x4.greater(height, v128.zero));
      const isMuch = f32x4.greater(f32x4.divide(shared, union), limits);
      body.set(isSuppressed, v128.anyTrue(v128.and(meets, isMuch)));
      body.increase(at, 16);
    });
    body.if(i32.isZero(isSuppressed), () => {
      body.set(at, end);
      // The first of four fills up its vectors with NaN, which overlaps nothing.
      body.if(i32.isZero(i32.and(keptBytes, 15)), () => {
        for (let k = 0; k < 5; k++) body.perform(v128.store(at, nothing, k * tables));
      });
      [x1, y1, x2, y2, area].forEach((value, k) =>
        body.perform(f32.store(at, f32x4.lane(value, 0), k * tables)),
      );
      body.perform(i32.store(i32.add(indices, keptBytes), index));
      body.increase(keptBytes, 4);
    });
    body.increase(place, 1);
  });
  return keptBytes;
}
