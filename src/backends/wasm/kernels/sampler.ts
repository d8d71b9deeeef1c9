/**
 * Bilinear samples of maps in blocks, at sites that `sample-sites.ts` has found.
 *
 *   item = (image, block, some positions)
 *   output[position][8] = (Σ over four pixels: weight · input[pixel][8]) · scale[position][8]
 *
 * Pixels outside count as 0. Where all four are inside, which is nearly everywhere, they are read without a look at each.
 */
import { f32x4, i32, type Local, multiplyAdd, v128, type V128 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { site } from './sample-sites.ts';

const fields = {
  input: 'address',
  sites: 'address',
  /** Of the shape of the output; 0: there is none. */
  scale: 'address',
  output: 'address',
  /** Bytes of a block's plane of the input. */
  inputPlane: 'i32',
  /** Blocks of an image. */
  blocks: 'i32',
  /** Positions of an image, and of an item; items of a block. */
  positions: 'i32',
  chunk: 'i32',
  chunks: 'i32',
} as const;

export const samplerKernel: Kernel<typeof fields> = defineKernel({
  name: 'bilinear sampler',
  fields,
  write(body, record, { relaxed }) {
    const { positions, chunk, chunks, item } = record;
    const plane = body.let(i32.divide(item, chunks));
    const input = body.let(i32.add(record.input, i32.multiply(plane, record.inputPlane)));
    const image = i32.divide(plane, record.blocks);
    const first = body.let(i32.multiply(i32.remainder(item, chunks), chunk));
    const end = body.let(i32.add(first, chunk));
    body.set(end, i32.minimum(end, positions));
    const place = body.let(i32.multiply(i32.add(i32.multiply(plane, positions), first), 32));
    const to = body.let(i32.add(record.output, place));
    const scale = body.let(i32.add(record.scale, place));
    const index = i32.add(i32.multiply(image, positions), first);
    const at = body.let(i32.add(record.sites, i32.multiply(index, site.bytes)));
    const halves = [body.local('v128'), body.local('v128')];
    const offsets = [body.local('i32'), body.local('i32'), body.local('i32'), body.local('i32')] as const;
    const weight = body.local('v128');

    /** Adds a pixel, its two vectors given. */
    const add = (k: number, values: readonly V128[]): void => {
      body.set(weight, v128.loadSplat(at, site.weights + 4 * k));
      halves.forEach((half, h) =>
        body.set(
          half,
          k === 0 ? f32x4.multiply(values[h]!, weight) : multiplyAdd(relaxed, values[h]!, weight, half),
        ),
      );
    };
    const pixel = (address: Local<'i32'>): readonly V128[] => [v128.load(address), v128.load(address, 16)];
    body.for(first, end, 1, () => {
      offsets.forEach((offset, k) => body.set(offset, i32.load(at, site.offsets + 4 * k)));
      const [a, b, c, d] = offsets;
      body.if(
        i32.less(i32.or(i32.or(a, b), i32.or(c, d)), 0),
        () =>
          offsets.forEach((offset, k) => {
            const isInside = body.let(i32.greaterEqual(offset, 0));
            const address = body.let(i32.select(i32.add(input, offset), at, isInside)); // the site may be read always
            const values = pixel(address).map((value) => v128.select(value, v128.zero, isInside));
            add(k, values);
          }),
        () => offsets.forEach((offset, k) => add(k, pixel(body.let(i32.add(input, offset))))),
      );
      body.if(record.scale, () =>
        halves.forEach((half, h) => body.set(half, f32x4.multiply(half, v128.load(scale, 16 * h)))),
      );
      halves.forEach((half, h) => body.perform(v128.store(to, half, 16 * h)));
      body.increase(at, site.bytes);
      body.increase(to, 32);
      body.increase(scale, 32);
    });
  },
});
