/**
 * Gradient of the bilinear sampler in its grid, in blocks.
 *
 *   item = (image, some positions)
 *   for each block: for each position:
 *     x += head · (b · (TR − TL) + (1 − b) · (BR − BL))
 *     y += head · (a · (BL − TL) + (1 − a) · (BR − TR))
 *   output = (W − 1)/2 · Σ x, (H − 1)/2 · Σ y over the lanes
 *
 * x and y are two lanes of float64 each, to which the four pairs of channels are added one after the other.
 *
 * Letters  TL, TR, BL, BR: the four pixels around a position; a, b: the weights of the left and the upper ones
 */
import { type Body, f32, f64, f64x2, i32, type Local, memory, v128, type V128 } from '../assembler/index.ts';
import { defineKernel, type Kernel, type KernelLocals } from '../kernel.ts';
import { shareOf, site } from './sample-sites.ts';

const fields = {
  head: 'address',
  data: 'address',
  sites: 'address',
  /** N × 2 × positions. */
  output: 'address',
  /** For each thread x and y of each position of an item. */
  totals: 'address',
  /** For the channels of a block all bits, for what fills up the last one none. */
  allLanes: 'address',
  lastLanes: 'address',
  /** A pixel of zeros, for those outside of the map. */
  zeros: 'address',
  blocks: 'i32',
  positions: 'i32',
  chunk: 'i32',
  chunks: 'i32',
  /** Bytes of a plane of the data. */
  planeBytes: 'i32',
  height: 'i32',
  width: 'i32',
} as const;

/** Bytes of the sums of a position. */
export const SLOPE_BYTES = 32;

export const samplerGridGradientKernel: Kernel<typeof fields> = defineKernel({
  name: 'sampler grid gradient',
  fields,
  write(body, record) {
    const { positions, chunk, chunks, blocks, item, thread } = record;
    const totalBytes = body.let(i32.multiply(chunk, SLOPE_BYTES));
    const totals = body.let(i32.add(record.totals, i32.multiply(thread, totalBytes)));
    body.perform(memory.fillZero(totals, totalBytes));
    const image = body.let(i32.divide(item, chunks));
    const first = body.let(i32.multiply(i32.remainder(item, chunks), chunk));
    const end = body.let(i32.add(first, chunk));
    body.set(end, i32.minimum(end, positions));
    const index = i32.add(i32.multiply(image, positions), first);
    const sites = body.let(i32.add(record.sites, i32.multiply(index, site.bytes)));
    const plane = body.let(i32.multiply(image, blocks));
    const [data, head, lanes] = [body.local('i32'), body.local('i32'), body.local('i32')];
    const [at, sums] = [body.local('i32'), body.local('i32')];
    body.for(0, blocks, 1, (block) => {
      const isLast = i32.equal(i32.add(block, 1), blocks);
      body.set(lanes, i32.select(record.lastLanes, record.allLanes, isLast));
      body.set(data, i32.add(record.data, i32.multiply(plane, record.planeBytes)));
      body.set(head, i32.add(record.head, i32.multiply(i32.add(i32.multiply(plane, positions), first), 32)));
      body.set(at, sites);
      body.set(sums, totals);
      body.for(first, end, 1, () => {
        addSlopes(body, record, { data, head, at, sums, lanes });
        body.increase(at, site.bytes);
        body.increase(head, 32);
        body.increase(sums, SLOPE_BYTES);
      });
      body.increase(plane, 1);
    });
    storeSlopes(body, record, { image, first, end, totals });
  },
});

/**
 * Adds what eight channels contribute at a position. The pairs are a loop: written out, there would be more values at a time
 * than registers.
 */
function addSlopes(
  body: Body,
  { zeros }: KernelLocals<typeof fields>,
  { data, head, at, sums, lanes }: Readonly<Record<'data' | 'head' | 'at' | 'sums' | 'lanes', Local<'i32'>>>,
): void {
  const pixels = [0, 1, 2, 3].map((k) => {
    const offset = body.let(i32.load(at, site.offsets + 4 * k));
    return body.let(i32.select(i32.add(data, offset), zeros, i32.greaterEqual(offset, 0)));
  });
  /** Of the first pixel along an axis, and what remains for the next. */
  const weights = (bytes: number): readonly V128[] =>
    [0, 1].map((next) => body.let(f64x2.splat(shareOf(f32.load(at, bytes), next))));
  const [left, upper] = [weights(site.left), weights(site.upper)];
  const [x, y] = [body.let(v128.load(sums)), body.let(v128.load(sums, 16))];
  body.for(0, 32, 8, (bytes) => {
    const pair = (base: Local<'i32'>): V128 => v128.loadLow(i32.add(base, bytes));
    const g = body.let(f64x2.fromLowF32(v128.and(pair(head), pair(lanes))));
    const corner = (k: number): V128 => body.let(f64x2.fromLowF32(pair(pixels[k]!)));
    const [TL, TR, BL, BR] = [corner(0), corner(1), corner(2), corner(3)];
    const add = (sum: Local<'v128'>, [near, far]: readonly V128[], [a, b, c, d]: readonly V128[]): void => {
      const nearSlope = f64x2.multiply(near!, f64x2.subtract(b!, a!));
      const farSlope = f64x2.multiply(far!, f64x2.subtract(d!, c!));
      body.set(sum, f64x2.add(sum, f64x2.multiply(g, f64x2.add(nearSlope, farSlope))));
    };
    add(x, upper, [TL, TR, BL, BR]);
    add(y, left, [TL, BL, TR, BR]);
  });
  body.perform(v128.store(sums, x));
  body.perform(v128.store(sums, y, 16));
}

/** Adds the lanes of each position, and stores the slopes per unit of the grid. */
function storeSlopes(
  body: Body,
  { output, positions, width, height }: KernelLocals<typeof fields>,
  { image, first, end, totals }: Readonly<Record<'image' | 'first' | 'end' | 'totals', Local<'i32'>>>,
): void {
  const axisBytes = body.let(i32.multiply(positions, 4));
  const place = i32.add(i32.multiply(image, i32.multiply(axisBytes, 2)), i32.multiply(first, 4));
  const [to, from] = [body.let(i32.add(output, place)), body.let(totals)];
  body.for(first, end, 1, () => {
    for (const axis of [0, 1] as const) {
      const sums = body.let(v128.load(from, 16 * axis));
      const sum = f64.add(f64x2.lane(sums, 0), f64x2.lane(sums, 1));
      const extent = f64.fromI32(i32.subtract(axis === 0 ? width : height, 1));
      const slope = f32.fromF64(f64.divide(f64.multiply(sum, extent), 2));
      body.perform(f32.store(axis === 0 ? to : i32.add(to, axisBytes), slope));
    }
    body.increase(from, SLOPE_BYTES);
    body.increase(to, 4);
  });
}
