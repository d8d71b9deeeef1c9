/**
 * Where a bilinear sampler reads, once for all channels: for each position the four pixels around it and their weights.
 *
 *   item = some positions of one image
 *   X = (grid + 1) · (W − 1) / 2, each step rounded to float32;  x₀ = ⌊X⌋, a = 1 − (X − x₀);  Y alike, with b
 *   weights  b·a, b·(1 − a), (1 − b)·a, (1 − b)·(1 − a)  of the pixels (y₀, x₀), (y₀, x₀ + 1), (y₀ + 1, x₀), …
 *
 * A grid that is a flow of pixels becomes normalised positions first, in the steps of gridGenerator.
 */
import { type Body, type Expression, f32, f64, i32, type Local } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';

/** A site in memory, by byte offset. */
export const site = {
  /** Bytes from the beginning of a plane to each of the four pixels, i32; −1 for one outside of the map. */
  offsets: 0,
  /** Float32. */
  weights: 16,
  /** a and b, float32. */
  left: 32,
  upper: 36,
  bytes: 48,
} as const;

const fields = {
  grid: 'address',
  sites: 'address',
  /** Positions of an image, and of a row of them. */
  positions: 'i32',
  positionsX: 'i32',
  /** Positions of an item, and items of an image. */
  chunk: 'i32',
  chunks: 'i32',
  height: 'i32',
  width: 'i32',
  /** Bytes of a pixel and of a row of the map. */
  pixelBytes: 'i32',
  rowBytes: 'i32',
} as const;

export function sampleSitesKernel(from: 'grid' | 'flow'): Kernel<typeof fields> {
  return defineKernel({
    name: `sample sites of ${from}`,
    fields,
    write(body, record) {
      const { positions, positionsX, chunk, chunks, height, width, item } = record;
      const image = body.let(i32.divide(item, chunks));
      const first = body.let(i32.multiply(i32.remainder(item, chunks), chunk));
      const end = body.let(i32.add(first, chunk));
      body.set(end, i32.minimum(end, positions));
      const index = i32.add(i32.multiply(image, positions), first);
      const to = body.let(i32.add(record.sites, i32.multiply(index, site.bytes)));
      const planeBytes = body.let(i32.multiply(positions, 4));
      const at = body.let(i32.add(record.grid, i32.multiply(image, i32.multiply(planeBytes, 2))));
      body.increase(at, i32.multiply(first, 4));
      body.for(first, end, 1, (position) => {
        const value = (axis: 0 | 1): Expression<'f32'> => {
          const given = f32.load(axis === 0 ? at : i32.add(at, planeBytes));
          if (from === 'grid') return given;
          const [divide, size] = axis === 0 ? [i32.remainder, width] : [i32.divide, height];
          return normalised(given, divide(position, positionsX), size);
        };
        const x = axisOf(body, value(0), width);
        const y = axisOf(body, value(1), height);
        body.perform(f32.store(to, x.weight, site.left));
        body.perform(f32.store(to, y.weight, site.upper));
        [0, 1, 2, 3].forEach((k) => {
          const [right, below] = [k % 2, k >> 1];
          const isInside = i32.and(right ? x.isNextInside : x.isInside, below ? y.isNextInside : y.isInside);
          const row = i32.multiply(i32.add(y.first, below), record.rowBytes);
          const offset = i32.add(row, i32.multiply(i32.add(x.first, right), record.pixelBytes));
          body.perform(i32.store(to, i32.select(offset, -1, isInside), site.offsets + 4 * k));
          const weight = f64.multiply(shareOf(y.weight, below), shareOf(x.weight, right));
          body.perform(f32.store(to, f32.fromF64(weight), site.weights + 4 * k));
        });
        body.increase(to, site.bytes);
        body.increase(at, 4);
      });
    },
  });
}

/** gridGenerator's steps: (flow + position) / ((size − 1) / 2) − 1. */
export function normalised(
  flow: Expression<'f32'>,
  position: Expression<'i32'>,
  size: Local<'i32'>,
): Expression<'f32'> {
  const half = f32.divide(f32.fromI32(i32.subtract(size, 1)), 2);
  return f32.subtract(f32.divide(f32.add(flow, f32.fromI32(position)), half), 1);
}

/** The weight of the first pixel along an axis, or what remains for the next one, in float64. */
export function shareOf(weight: Expression<'f32'>, next: number): Expression<'f64'> {
  const first = f64.fromF32(weight);
  return next ? f64.subtract(1, first) : first;
}

/** One axis of a site. */
interface SiteAxis {
  readonly first: Local<'i32'>;
  readonly weight: Local<'f32'>;
  readonly isInside: Local<'i32'>;
  readonly isNextInside: Local<'i32'>;
}

/** A position that is no finite number is outside, and its weight is NaN. */
function axisOf(body: Body, grid: Expression<'f32'>, size: Local<'i32'>): SiteAxis {
  const extent = f32.fromI32(i32.subtract(size, 1));
  const position = body.let(f32.divide(f32.multiply(f32.add(grid, 1), extent), 2));
  const floor = body.let(f32.floor(position));
  const within = (x: Expression<'f32'>): Expression<'i32'> =>
    i32.and(f32.greaterEqual(x, 0), f32.less(x, f32.fromI32(size)));
  return {
    first: body.let(i32.fromF32(floor)),
    weight: body.let(f32.subtract(1, f32.subtract(position, floor))),
    isInside: body.let(within(floor)),
    isNextInside: body.let(within(f32.add(floor, 1))),
  };
}
