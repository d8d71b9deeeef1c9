/**
 * Winograd's weights, U = G g Gᵀ, in the order of tiles: [plane][phase and O/8][phase and C/8][8 of C][8 of O]. A
 * convolution with a stride has phases of its input, a deconvolution phases of its output.
 *
 *   item = (phase and) block of O, (phase and) block of C
 *
 * Computed in double and rounded once: this is where most of the transform's precision would be lost.
 *
 * Letters  O output channels, C input channels
 */
import { f32, f64, i32 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { transformOf } from './winograd-transforms.ts';

const fields = {
  source: 'address',
  target: 'address',
  outputs: 'i32',
  inputs: 'i32',
  /** Bytes between neighbours of O and C in the source. */
  outputStride: 'i32',
  inputStride: 'i32',
  /** For each phase, byte offsets of its nine taps in the source, i32; negative for one that is 0. */
  taps: 'address',
  /** Blocks of C, the same for all phases of the input, and blocks of O. */
  inputBlocks: 'i32',
  allInputBlocks: 'i32',
  outputBlocks: 'i32',
  planeBytes: 'i32',
} as const;

export function winogradWeightsKernel(tile: 4 | 2): Kernel<typeof fields> {
  const transform = transformOf(tile);
  return defineKernel({
    name: `winograd weights ${tile}`,
    fields,
    write(body, record) {
      const { source, inputs, outputs, inputBlocks, allInputBlocks, outputBlocks, planeBytes, item } = record;
      const input = body.let(i32.remainder(item, allInputBlocks));
      const output = body.let(i32.divide(item, allInputBlocks));
      const phase = i32.add(i32.divide(input, inputBlocks), i32.divide(output, outputBlocks));
      const taps = body.let(i32.add(record.taps, i32.multiply(phase, 36)));
      body.set(input, i32.multiply(i32.remainder(input, inputBlocks), 8));
      const firstOutput = body.let(i32.multiply(i32.remainder(output, outputBlocks), 8));
      const target = body.let(i32.add(record.target, i32.multiply(item, 256)));
      body.for(0, 8, 1, () => {
        body.set(output, firstOutput);
        const place = i32.add(
          i32.multiply(input, record.inputStride),
          i32.multiply(output, record.outputStride),
        );
        const from = body.let(i32.add(source, place));
        body.for(0, 8, 1, () => {
          const known = body.let(i32.and(i32.less(input, inputs), i32.less(output, outputs)));
          const g = Array.from({ length: 9 }, (_, k) => {
            const offset = body.let(i32.load(taps, 4 * k));
            const value = body.local('f64');
            body.set(value, 0);
            body.if(i32.and(known, i32.greaterEqual(offset, 0)), () =>
              body.set(value, f64.fromF32(f32.load(i32.add(from, offset)))),
            );
            return value;
          });
          // Down the columns, then along the rows.
          const columns = [0, 1, 2].map((c) =>
            transform.weights([g[c]!, g[3 + c]!, g[6 + c]!]).map((value) => body.let(value)),
          );
          const to = body.let(target);
          for (let r = 0; r < transform.size; r++) {
            for (const value of transform.weights(columns.map((column) => column[r]!))) {
              body.perform(f32.store(to, f32.fromF64(value)));
              body.increase(to, planeBytes);
            }
          }
          body.increase(from, record.outputStride);
          body.increase(output, 1);
          body.increase(target, 4);
        });
        body.increase(input, 1);
      });
    },
  });
}
