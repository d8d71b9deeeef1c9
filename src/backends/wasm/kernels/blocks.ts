/**
 * From planar values to blocks of eight channels and back.
 *
 *   item = (image, block, some pixels)
 *
 * Letters  C channels, S pixels of a plane
 */
import { f32, i32, v128 } from '../assembler/index.ts';
import type { Body, Local, V128 } from '../assembler/index.ts';
import { type Address, defineKernel, type Kernel, type RecordOf } from '../kernel.ts';
import { blocksOf, type Layout } from '../layout.ts';

const fields = {
  planar: 'address',
  blocks: 'address',
  channels: 'i32',
  /** Pixels of a plane. */
  pixels: 'i32',
  /** Blocks of an image. */
  blockCount: 'i32',
  /** Pixels of an item, and items of a block. */
  chunk: 'i32',
  chunks: 'i32',
} as const;

/** Pixels of an item, a multiple of four: 64 KB. */
const CHUNK = 2048;

/** The step that brings a value into a layout from the other one, as the arguments of `step`. */
export function conversion(
  layout: Layout,
  size: { readonly images: number; readonly channels: number; readonly pixels: number },
  planar: Address,
  blocks: Address,
): readonly [Kernel<typeof fields>, number, RecordOf<typeof fields>] {
  const { images, channels, pixels } = size;
  const blockCount = blocksOf(channels);
  const chunks = Math.ceil(pixels / CHUNK);
  return [
    layout === 'planar' ? toPlanarKernel : toBlocksKernel,
    images * blockCount * chunks,
    { planar, blocks, channels, pixels, blockCount, chunk: CHUNK, chunks },
  ];
}

/** Addresses of an item: its first plane, its block, how many of its channels there are, and its pixels. */
function place(
  body: Body,
  {
    planar,
    blocks,
    channels,
    pixels,
    blockCount,
    chunk,
    chunks,
    item,
  }: { readonly [K in keyof typeof fields | 'item']: Local<'i32'> },
): { readonly [K in 'plane' | 'block' | 'present' | 'planeBytes' | 'end']: Local<'i32'> } {
  const index = body.let(i32.divide(item, chunks));
  const image = body.let(i32.divide(index, blockCount));
  const first = body.let(i32.multiply(i32.remainder(index, blockCount), 8));
  const start = body.let(i32.multiply(i32.remainder(item, chunks), chunk));
  const left = body.let(i32.subtract(pixels, start));
  const planeBytes = body.let(i32.multiply(pixels, 4));
  const planes = i32.add(i32.multiply(image, channels), first);
  const rest = body.let(i32.subtract(channels, first));
  return {
    plane: body.let(i32.add(planar, i32.add(i32.multiply(planes, planeBytes), i32.multiply(start, 4)))),
    block: body.let(i32.add(blocks, i32.multiply(i32.add(i32.multiply(index, pixels), start), 32))),
    present: body.let(i32.select(rest, 8, i32.less(rest, 8))),
    planeBytes,
    end: body.let(i32.minimum(left, chunk)),
  };
}

/** Rows of a 4 × 4 matrix become its columns. */
function transpose(body: Body, rows: readonly V128[]): readonly Local<'v128'>[] {
  const [a, b, c, d] = rows as readonly [V128, V128, V128, V128];
  const low = (x: V128, y: V128): Local<'v128'> => body.let(v128.shuffle(x, y, [0, 4, 1, 5]));
  const high = (x: V128, y: V128): Local<'v128'> => body.let(v128.shuffle(x, y, [2, 6, 3, 7]));
  const [ac0, bd0, ac1, bd1] = [low(a, c), low(b, d), high(a, c), high(b, d)];
  return [low(ac0, bd0), high(ac0, bd0), low(ac1, bd1), high(ac1, bd1)];
}

export const toBlocksKernel: Kernel<typeof fields> = defineKernel({
  name: 'to blocks',
  fields,
  write(body, record) {
    const { plane, block, present, planeBytes, end } = place(body, record);
    const fours = body.let(i32.subtract(end, 3));
    const pixel = body.local('i32');
    /** Four pixels of eight channels at a time. Channels that are not there are read from the first one, and become 0. */
    const byFours = (isWhole: boolean): void =>
      body.while(i32.less(pixel, fours), () => {
        for (const half of [0, 1]) {
          const rows = [0, 1, 2, 3].map((k) => {
            const from = i32.add(plane, i32.multiply(planeBytes, 4 * half + k));
            if (isWhole) return body.let(v128.load(from));
            const isThere = i32.greater(present, 4 * half + k);
            const values = body.let(v128.load(i32.select(from, plane, isThere)));
            return body.let(v128.select(values, v128.zero, isThere));
          });
          transpose(body, rows).forEach((column, k) =>
            body.perform(v128.store(block, column, 32 * k + 16 * half)),
          );
        }
        body.increase(plane, 16);
        body.increase(block, 128);
        body.increase(pixel, 4);
      });
    body.if(
      i32.equal(present, 8),
      () => byFours(true),
      () => byFours(false),
    );
    const value = body.local('f32');
    body.while(i32.less(pixel, end), () => {
      body.for(0, 8, 1, (channel) => {
        body.set(value, 0);
        body.if(i32.less(channel, present), () =>
          body.set(value, f32.load(i32.add(plane, i32.multiply(channel, planeBytes)))),
        );
        body.perform(f32.store(i32.add(block, i32.multiply(channel, 4)), value));
      });
      body.increase(plane, 4);
      body.increase(block, 32);
      body.increase(pixel, 1);
    });
  },
});

export const toPlanarKernel: Kernel<typeof fields> = defineKernel({
  name: 'to planar',
  fields,
  write(body, record) {
    const { plane, block, present, planeBytes, end } = place(body, record);
    const fours = body.let(i32.subtract(end, 3));
    const pixel = body.local('i32');
    const byFours = (isWhole: boolean): void =>
      body.while(i32.less(pixel, fours), () => {
        for (const half of [0, 1]) {
          const rows = [0, 1, 2, 3].map((k) => body.let(v128.load(block, 32 * k + 16 * half)));
          transpose(body, rows).forEach((column, k) => {
            const channel = 4 * half + k;
            const store = v128.store(i32.add(plane, i32.multiply(planeBytes, channel)), column);
            if (isWhole) body.perform(store);
            else body.if(i32.greater(present, channel), () => body.perform(store));
          });
        }
        body.increase(plane, 16);
        body.increase(block, 128);
        body.increase(pixel, 4);
      });
    body.if(
      i32.equal(present, 8),
      () => byFours(true),
      () => byFours(false),
    );
    body.while(i32.less(pixel, end), () => {
      body.for(0, present, 1, (channel) => {
        const value = f32.load(i32.add(block, i32.multiply(channel, 4)));
        body.perform(f32.store(i32.add(plane, i32.multiply(channel, planeBytes)), value));
      });
      body.increase(plane, 4);
      body.increase(block, 32);
      body.increase(pixel, 1);
    });
  },
});
