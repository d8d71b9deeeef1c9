/**
 * Batch normalisation, in blocks. What is computed once a channel first, in items of a block of channels:
 *
 *   moving factors    a = γ / √(v + ε),  b = β − (γ · m) / √(v + ε),  each step in float32
 *   batch factors     m, v of the block over all images, in float64;  a = γ / √(v + ε);  the new moving statistics
 *
 * then the values, in items of (image, block):
 *
 *   moving   out = a · x + b, rounded twice        batch   out = a · (x − m) + β, in float64
 *
 * Letters  S pixels of an image, C channels
 */
import {
  type Body,
  type Expression,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  type Local,
  v128,
} from '../assembler/index.ts';
import { defineKernel, type Kernel, type KernelLocals } from '../kernel.ts';
import { addDoubles, clearDoubles, doubleLocals, loadFloats, storeFloats } from './doubles.ts';

type FactorFields = Readonly<
  Record<'gamma' | 'beta' | 'mean' | 'variance' | 'factors' | 'numbers', 'address'> &
    Record<'channels', 'i32'>
>;

const factorFields: FactorFields = {
  /** 0: all of them are 1. */
  gamma: 'address',
  beta: 'address',
  mean: 'address',
  variance: 'address',
  /** For each block eight a and eight b, float32; or eight each of a, m and β, float64. */
  factors: 'address',
  /** Float64: ε, the momentum, and what it lacks of 1. */
  numbers: 'address',
  channels: 'i32',
};

/** Visits the channels of an item's block that are there: byte offsets of the channel in float32, and in its block. */
function forEachChannel(
  body: Body,
  { item, channels }: KernelLocals<FactorFields>,
  visit: (channel: Local<'i32'>, lane: Local<'i32'>) => void,
): void {
  const first = body.let(i32.multiply(item, 8));
  const rest = body.let(i32.subtract(channels, first));
  const count = body.let(i32.select(rest, 8, i32.less(rest, 8)));
  body.for(0, count, 1, (k) => {
    visit(body.let(i32.multiply(i32.add(first, k), 4)), body.let(i32.multiply(k, 4)));
  });
}

/** γ of a channel. */
function gammaOf(body: Body, gamma: Local<'i32'>, channel: Local<'i32'>): Local<'f32'> {
  const value = body.local('f32');
  body.set(value, 1);
  body.if(gamma, () => body.set(value, f32.load(i32.add(gamma, channel))));
  return value;
}

export const movingFactorsKernel: Kernel<FactorFields> = defineKernel({
  name: 'batch norm: moving factors',
  fields: factorFields,
  write(body, record) {
    const block = body.let(i32.add(record.factors, i32.multiply(record.item, 64)));
    for (const bytes of [0, 16, 32, 48]) body.perform(v128.store(block, v128.zero, bytes));
    forEachChannel(body, record, (channel, lane) => {
      const of = (table: Local<'i32'>): Expression<'f32'> => f32.load(i32.add(table, channel));
      const gamma = gammaOf(body, record.gamma, channel);
      const epsilon = f32.fromF64(f64.load(record.numbers));
      const deviation = body.let(f32.squareRoot(f32.add(of(record.variance), epsilon)));
      const to = body.let(i32.add(block, lane));
      body.perform(f32.store(to, f32.divide(gamma, deviation)));
      const shift = f32.divide(f32.multiply(gamma, of(record.mean)), deviation);
      body.perform(f32.store(to, f32.subtract(of(record.beta), shift), 32));
    });
  },
});

const batchFields: FactorFields &
  Readonly<
    Record<'data' | 'newMean' | 'newVariance', 'address'> & Record<'images' | 'blocks' | 'pixels', 'i32'>
  > = {
  ...factorFields,
  data: 'address',
  newMean: 'address',
  newVariance: 'address',
  images: 'i32',
  blocks: 'i32',
  pixels: 'i32',
};

export const batchFactorsKernel: Kernel<typeof batchFields> = defineKernel({
  name: 'batch norm: batch factors',
  fields: batchFields,
  write(body, record) {
    const { images, blocks, pixels, item, numbers } = record;
    const block = body.let(i32.add(record.factors, i32.multiply(item, 192)));
    const planeBytes = body.let(i32.multiply(pixels, 32));
    const [sums, means] = [doubleLocals(body), doubleLocals(body)];
    const counts = body.let(f64x2.splat(f64.multiply(f64.fromI32(images), f64.fromI32(pixels))));
    /** The mean over all pixels of what `add` makes of each. */
    const average = (add: (pixel: Local<'i32'>) => void): void => {
      clearDoubles(body, sums);
      body.for(0, images, 1, (image) => {
        const plane = i32.add(i32.multiply(image, blocks), item);
        const pixel = body.let(i32.add(record.data, i32.multiply(plane, planeBytes)));
        body.for(0, pixels, 1, () => {
          add(pixel);
          body.increase(pixel, 32);
        });
      });
      sums.forEach((sum) => body.set(sum, f64x2.divide(sum, counts)));
    };
    average((pixel) => addDoubles(body, sums, loadFloats(pixel)));
    means.forEach((mean, k) => body.set(mean, sums[k]!));
    average((pixel) => {
      const squares = loadFloats(pixel).map((value, k) => {
        const distance = body.let(f64x2.subtract(value, means[k]!));
        return f64x2.multiply(distance, distance);
      });
      addDoubles(body, sums, squares);
    });
    // Where a goes the variances wait.
    for (let k = 0; k < 4; k++) {
      body.perform(v128.store(block, sums[k]!, 16 * k));
      body.perform(v128.store(block, means[k]!, 64 + 16 * k));
      body.perform(v128.store(block, v128.zero, 128 + 16 * k));
    }
    forEachChannel(body, record, (channel, lane) => {
      const at = body.let(i32.add(block, i32.multiply(lane, 2)));
      const [variance, mean] = [body.let(f64.load(at)), body.let(f64.load(at, 64))];
      const updated = (moving: Local<'i32'>, batch: Local<'f64'>): Expression<'f32'> => {
        const old = f64.fromF32(f32.load(i32.add(moving, channel)));
        return f32.fromF64(
          f64.add(f64.multiply(f64.load(numbers, 8), old), f64.multiply(f64.load(numbers, 16), batch)),
        );
      };
      body.perform(f32.store(i32.add(record.newMean, channel), updated(record.mean, mean)));
      body.perform(f32.store(i32.add(record.newVariance, channel), updated(record.variance, variance)));
      const gamma = f64.fromF32(gammaOf(body, record.gamma, channel));
      const deviation = f64.squareRoot(f64.add(variance, f64.load(numbers)));
      body.perform(f64.store(at, f64.divide(gamma, deviation)));
      body.perform(f64.store(at, f64.fromF32(f32.load(i32.add(record.beta, channel))), 128));
    });
  },
});

const normaliseFields = {
  data: 'address',
  output: 'address',
  factors: 'address',
  blocks: 'i32',
  pixels: 'i32',
} as const;

export function normaliseKernel(statistics: 'moving' | 'batch'): Kernel<typeof normaliseFields> {
  const perBlock = statistics === 'moving' ? 64 : 192;
  return defineKernel({
    name: `batch norm: ${statistics}`,
    fields: normaliseFields,
    write(body, record) {
      const { blocks, pixels, item } = record;
      const factors = body.let(i32.add(record.factors, i32.multiply(i32.remainder(item, blocks), perBlock)));
      const bytes = body.let(i32.multiply(item, i32.multiply(pixels, 32)));
      const [from, to] = [body.let(i32.add(record.data, bytes)), body.let(i32.add(record.output, bytes))];
      const loaded = Array.from({ length: perBlock / 16 }, (_, k) => body.let(v128.load(factors, 16 * k)));
      body.for(0, pixels, 1, () => {
        if (statistics === 'moving') {
          [0, 1].forEach((half) => {
            const product = f32x4.multiply(loaded[half]!, v128.load(from, 16 * half));
            body.perform(v128.store(to, f32x4.add(product, loaded[2 + half]!), 16 * half));
          });
        } else {
          const values = loadFloats(from).map((value, k) =>
            f64x2.add(f64x2.multiply(loaded[k]!, f64x2.subtract(value, loaded[4 + k]!)), loaded[8 + k]!),
          );
          storeFloats(body, to, values);
        }
        body.increase(from, 32);
        body.increase(to, 32);
      });
    },
  });
}
