/**
 * Gradient of softmaxOutput: scale · (probability − [k is the label]), and 0 for all classes where the label is ignored.
 *
 *   item = some positions
 *
 * Letters  K classes, S positions of a sample
 */
import { f32, f64, i32 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { FLOAT_BYTES } from '../layout.ts';

const fields = {
  probability: 'address',
  label: 'address',
  output: 'address',
  /** A float32. */
  scale: 'address',
  /** The label that is ignored, a float64; NaN for none. */
  ignored: 'address',
  K: 'i32',
  S: 'i32',
  positions: 'i32',
  itemPositions: 'i32',
} as const;

export const softmaxOutputGradientKernel: Kernel<typeof fields> = defineKernel({
  name: 'softmaxOutput gradient',
  fields,
  write(body, { probability, label, output, K, S, positions, itemPositions, item, ...record }) {
    const scale = body.let(f64.fromF32(f32.load(record.scale)));
    const ignored = body.let(f64.load(record.ignored));
    const first = body.let(i32.multiply(item, itemPositions));
    const end = body.let(i32.add(first, itemPositions));
    body.set(end, i32.minimum(end, positions));
    const value = body.local('f64');
    body.for(first, end, 1, (position) => {
      const address = i32.add(label, i32.multiply(position, FLOAT_BYTES));
      const truth = body.let(f64.truncate(f64.fromF32(f32.load(address))));
      const sample = i32.multiply(i32.divide(position, S), i32.multiply(K, S));
      const start = i32.add(sample, i32.remainder(position, S));
      const offset = body.let(i32.multiply(start, FLOAT_BYTES));
      body.for(0, K, 1, (k) => {
        const isTruth = f64.fromI32(f64.equal(f64.fromI32(k), truth));
        const difference = f64.subtract(f64.fromF32(f32.load(i32.add(probability, offset))), isTruth);
        body.set(value, f64.multiply(scale, difference));
        body.set(value, f64.select(0, value, f64.equal(truth, ignored)));
        body.perform(f32.store(i32.add(output, offset), f32.fromF64(value)));
        body.increase(offset, i32.multiply(S, FLOAT_BYTES));
      });
    });
  },
});
