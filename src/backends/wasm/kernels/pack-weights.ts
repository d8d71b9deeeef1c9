/**
 * Weights in the order in which tiles read them: [O/8][C/8][tap][8 of C][8 of O] for inputs in blocks, [O/8][C][tap][8 of O]
 * for planar ones. What is missing in the last blocks is 0.
 *
 *   item = block of O
 *
 * Strides of the source are fields, so that convolutions (O × C × taps) and deconvolutions (C × O × taps) share this.
 *
 * Letters  O output channels, C input channels
 */
import { f32, i32 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';

const fields = {
  source: 'address',
  target: 'address',
  outputs: 'i32',
  inputs: 'i32',
  /** Bytes between neighbours of O and C in the source. */
  outputStride: 'i32',
  inputStride: 'i32',
  /** Byte offsets of the taps in the source, i32; negative for one that is 0. */
  taps: 'address',
  tapCount: 'i32',
} as const;

export function packWeightsKernel(channels: 8 | 1): Kernel<typeof fields> {
  return defineKernel({
    name: `pack weights ${channels}`,
    fields,
    write(body, { source, target, outputs, inputs, outputStride, inputStride, taps, tapCount, item }) {
      const blocks = body.let(i32.divide(i32.add(inputs, channels - 1), channels));
      const panel = i32.multiply(i32.multiply(item, blocks), i32.multiply(tapCount, 32 * channels));
      const to = body.let(i32.add(target, panel));
      const value = body.local('f32');
      body.for(0, blocks, 1, (block) => {
        body.for(0, tapCount, 1, (tap) => {
          const offset = body.let(i32.load(i32.add(taps, i32.multiply(tap, 4))));
          body.for(0, channels, 1, (channel) => {
            const input = body.let(i32.add(i32.multiply(block, channels), channel));
            const from = body.let(i32.add(source, i32.add(offset, i32.multiply(input, inputStride))));
            body.increase(from, i32.multiply(item, i32.multiply(outputStride, 8)));
            const known = i32.and(i32.less(input, inputs), i32.greaterEqual(offset, 0));
            const last = body.let(i32.subtract(outputs, i32.multiply(item, 8)));
            body.set(last, i32.select(last, 0, known));
            body.for(0, 8, 1, (k) => {
              body.set(value, 0);
              body.if(i32.less(k, last), () => body.set(value, f32.load(from)));
              body.perform(f32.store(to, value));
              body.increase(from, outputStride);
              body.increase(to, 4);
            });
          });
        });
      });
    },
  });
}
