/**
 * Gradients of the bilinear sampler, in blocks, at sites that `sample-sites.ts` has found; sums are float64.
 *
 *   of the data  item = (image, block): every sample is handed to the pixels it was read from; an item owns a plane
 *   of the grid  item = (image, some positions): for each block, for each position, the slopes of eight channels
 *
 * Letters  TL, TR, BL, BR: the four pixels around a position; a, b: the weights of the left and the upper ones
 */
import { type Body, f32, f64, f64x2, i32, type Local, memory, v128, type V128 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { doubleLocals, loadFloats, storeFloats } from './doubles.ts';
import { shareOf, site } from './sample-sites.ts';

const dataFields = {
  head: 'address',
  sites: 'address',
  output: 'address',
  /** For each thread a plane of float64. */
  totals: 'address',
  blocks: 'i32',
  positions: 'i32',
  /** Pixels of a plane of the output. */
  pixels: 'i32',
} as const;

export const samplerDataGradientKernel: Kernel<typeof dataFields> = defineKernel({
  name: 'sampler data gradient',
  fields: dataFields,
  write(body, record) {
    const { positions, pixels, item, thread } = record;
    const planeBytes = body.let(i32.multiply(pixels, 64));
    const totals = body.let(i32.add(record.totals, i32.multiply(thread, planeBytes)));
    body.perform(memory.fillZero(totals, planeBytes));
    const image = i32.divide(item, record.blocks);
    const at = body.let(i32.add(record.sites, i32.multiply(image, i32.multiply(positions, site.bytes))));
    const head = body.let(i32.add(record.head, i32.multiply(item, i32.multiply(positions, 32))));
    const heads = doubleLocals(body);
    body.for(0, positions, 1, () => {
      loadFloats(head).forEach((value, k) => body.set(heads[k]!, value));
      const [left, upper] = [f32.load(at, site.left), f32.load(at, site.upper)];
      for (let k = 0; k < 4; k++) {
        const offset = body.let(i32.load(at, site.offsets + 4 * k));
        body.if(i32.greaterEqual(offset, 0), () => {
          const weight = f64.multiply(shareOf(upper, k >> 1), shareOf(left, k % 2));
          const weights = body.let(f64x2.splat(weight));
          const to = body.let(i32.add(totals, i32.multiply(offset, 2)));
          heads.forEach((value, pair) => {
            const sum = f64x2.add(v128.load(to, 16 * pair), f64x2.multiply(weights, value));
            body.perform(v128.store(to, sum, 16 * pair));
          });
        });
      }
      body.increase(head, 32);
      body.increase(at, site.bytes);
    });
    const to = i32.add(record.output, i32.multiply(item, i32.multiply(pixels, 32)));
    storeTotals(body, totals, body.let(to), pixels);
  },
});

/** Rounds pixels of eight float64 and stores them. */
export function storeTotals(
  body: Body,
  totals: Local<'i32'>,
  output: Local<'i32'>,
  pixels: Local<'i32'>,
): void {
  const [from, to] = [body.let(totals), body.let(output)];
  body.for(0, pixels, 1, () => {
    storeFloats(
      body,
      to,
      [0, 1, 2, 3].map((pair) => v128.load(from, 16 * pair)),
    );
    body.increase(from, 64);
    body.increase(to, 32);
  });
}

const gridFields = {
  head: 'address',
  data: 'address',
  sites: 'address',
  /** N × 2 × positions. */
  output: 'address',
  /** For each thread two vectors of float64 for each position of an item. */
  totals: 'address',
  /** For the channels of the last block all bits, for what fills it up none. */
  lastLanes: 'address',
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

export const samplerGridGradientKernel: Kernel<typeof gridFields> = defineKernel({
  name: 'sampler grid gradient',
  fields: gridFields,
  write(body, record) {
    const { positions, chunk, chunks, blocks, item, thread } = record;
    const totals = body.let(i32.add(record.totals, i32.multiply(thread, i32.multiply(chunk, SLOPE_BYTES))));
    body.perform(memory.fillZero(totals, i32.multiply(chunk, SLOPE_BYTES)));
    const image = body.let(i32.divide(item, chunks));
    const first = body.let(i32.multiply(i32.remainder(item, chunks), chunk));
    const end = body.let(i32.add(first, chunk));
    body.set(end, i32.minimum(end, positions));
    const firstSite = body.let(
      i32.add(record.sites, i32.multiply(i32.add(i32.multiply(image, positions), first), site.bytes)),
    );
    const plane = body.let(i32.multiply(image, blocks));
    body.for(0, blocks, 1, (block) => {
      const isLast = body.let(i32.equal(i32.add(block, 1), blocks));
      const data = body.let(i32.add(record.data, i32.multiply(plane, record.planeBytes)));
      const head = body.let(
        i32.add(record.head, i32.multiply(i32.add(i32.multiply(plane, positions), first), 32)),
      );
      const [at, sums] = [body.let(firstSite), body.let(totals)];
      body.for(first, end, 1, () => {
        const pixels = [0, 1, 2, 3].map((k) => {
          const offset = body.let(i32.load(at, site.offsets + 4 * k));
          return body.let(i32.select(i32.add(data, offset), record.zeros, i32.greaterEqual(offset, 0)));
        });
        const [left, upper] = [site.left, site.upper].map((bytes) =>
          [0, 1].map((next) => body.let(f64x2.splat(shareOf(f32.load(at, bytes), next)))),
        );
        const heads = [0, 16].map((bytes) => body.let(v128.load(head, bytes)));
        body.if(isLast, () =>
          heads.forEach((half, k) => body.set(half, v128.and(half, v128.load(record.lastLanes, 16 * k)))),
        );
        for (let pair = 0; pair < 4; pair++) {
          const half = heads[pair >> 1]!;
          const lanes = pair % 2 === 0 ? half : v128.shuffle(half, half, [2, 3, 2, 3]);
          const g = body.let(f64x2.fromLowF32(lanes));
          const corner = (k: number): V128 => body.let(f64x2.fromLowF32(v128.loadLow(pixels[k]!, 8 * pair)));
          const [TL, TR, BL, BR] = [corner(0), corner(1), corner(2), corner(3)];
          const slope = (
            [near, far]: readonly V128[],
            [a, b]: readonly [V128, V128],
            [c, d]: readonly [V128, V128],
          ): V128 =>
            f64x2.multiply(
              g,
              f64x2.add(
                f64x2.multiply(near!, f64x2.subtract(b, a)),
                f64x2.multiply(far!, f64x2.subtract(d, c)),
              ),
            );
          const x = f64x2.add(v128.load(sums), slope(upper!, [TL, TR], [BL, BR]));
          const y = f64x2.add(v128.load(sums, 16), slope(left!, [TL, BL], [TR, BR]));
          body.perform(v128.store(sums, x));
          body.perform(v128.store(sums, y, 16));
        }
        body.increase(at, site.bytes);
        body.increase(head, 32);
        body.increase(sums, SLOPE_BYTES);
      });
      body.increase(plane, 1);
    });
    const rowBytes = body.let(i32.multiply(positions, 4));
    const to = body.let(
      i32.add(i32.add(record.output, i32.multiply(image, i32.multiply(rowBytes, 2))), i32.multiply(first, 4)),
    );
    const from = body.let(totals);
    body.for(first, end, 1, () => {
      const store = (axis: 0 | 1, size: Local<'i32'>): void => {
        const sums = body.let(v128.load(from, 16 * axis));
        const sum = f64.add(f64x2.lane(sums, 0), f64x2.lane(sums, 1));
        const extent = f64.fromI32(i32.subtract(size, 1));
        const slope = f32.fromF64(f64.divide(f64.multiply(sum, extent), 2));
        body.perform(f32.store(axis === 0 ? to : i32.add(to, rowBytes), slope));
      };
      store(0, record.width);
      store(1, record.height);
      body.increase(from, SLOPE_BYTES);
      body.increase(to, 4);
    });
  },
});
