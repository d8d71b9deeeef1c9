/**
 * Gradient of the bilinear sampler in its data, in blocks: every sample is handed to the pixels it was read from.
 *
 *   item = (image, block)
 *   for each position, for each of its four pixels: totals[pixel][8] += weight · head[position][8], in float64
 *
 * An item owns its plane and goes through the positions in their order, so that threads change no bit.
 */
import { f32, f64, f64x2, i32, memory, v128 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { doubleLocals, loadFloats, storeTotals } from './doubles.ts';
import { shareOf, site } from './sample-sites.ts';

const fields = {
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

export const samplerDataGradientKernel: Kernel<typeof fields> = defineKernel({
  name: 'sampler data gradient',
  fields: fields,
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
