/**
 * From planar values to blocks of eight channels and back.
 *
 *   item = (image, block)
 *
 * Letters  C channels, S pixels of a plane
 */
import { f32, i32, v128 } from '../assembler/index.ts';
import type { Body, Local, V128 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';

const fields = {
  planar: 'address',
  blocks: 'address',
  channels: 'i32',
  /** Pixels of a plane. */
  pixels: 'i32',
  /** Blocks of an image. */
  blockCount: 'i32',
} as const;

/** Addresses of an item: its first plane, its block, and how many of its channels there are. */
function place(
  body: Body,
  {
    planar,
    blocks,
    channels,
    pixels,
    blockCount,
    item,
  }: { readonly [K in keyof typeof fields | 'item']: Local<'i32'> },
): { readonly [K in 'plane' | 'block' | 'present' | 'planeBytes']: Local<'i32'> } {
  const image = body.let(i32.divide(item, blockCount));
  const first = body.let(i32.multiply(i32.remainder(item, blockCount), 8));
  const planeBytes = body.let(i32.multiply(pixels, 4));
  const planes = i32.add(i32.multiply(image, channels), first);
  const rest = body.let(i32.subtract(channels, first));
  return {
    plane: body.let(i32.add(planar, i32.multiply(planes, planeBytes))),
    block: body.let(i32.add(blocks, i32.multiply(item, i32.multiply(pixels, 32)))),
    present: body.let(i32.select(rest, 8, i32.less(rest, 8))),
    planeBytes,
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
    const { plane, block, present, planeBytes } = place(body, record);
    const end = body.let(i32.subtract(record.pixels, 3));
    const pixel = body.local('i32');
    body.if(i32.equal(present, 8), () => {
      // Four pixels of eight channels at a time.
      body.while(i32.less(pixel, end), () => {
        for (const half of [0, 1]) {
          const from = body.let(i32.add(plane, i32.multiply(planeBytes, 4 * half)));
          const rows = [0, 1, 2, 3].map((k) =>
            body.let(v128.load(i32.add(from, i32.multiply(planeBytes, k)))),
          );
          transpose(body, rows).forEach((column, k) =>
            body.perform(v128.store(block, column, 32 * k + 16 * half)),
          );
        }
        body.increase(plane, 16);
        body.increase(block, 128);
        body.increase(pixel, 4);
      });
    });
    const value = body.local('f32');
    body.while(i32.less(pixel, record.pixels), () => {
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
    const { plane, block, present, planeBytes } = place(body, record);
    const end = body.let(i32.subtract(record.pixels, 3));
    const pixel = body.local('i32');
    body.if(i32.equal(present, 8), () => {
      body.while(i32.less(pixel, end), () => {
        for (const half of [0, 1]) {
          const to = body.let(i32.add(plane, i32.multiply(planeBytes, 4 * half)));
          const rows = [0, 1, 2, 3].map((k) => body.let(v128.load(block, 32 * k + 16 * half)));
          transpose(body, rows).forEach((column, k) =>
            body.perform(v128.store(i32.add(to, i32.multiply(planeBytes, k)), column)),
          );
        }
        body.increase(plane, 16);
        body.increase(block, 128);
        body.increase(pixel, 4);
      });
    });
    body.while(i32.less(pixel, record.pixels), () => {
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
