/**
 * Gradient scale: scale / max(1, count), in float32, for a count of numbers that is known only when they are.
 *
 *   above       counts numbers above a bound
 *   other than  counts those that, cut to whole numbers, are other than a bound
 *
 * NaN is not above anything, and other than everything.
 */
import { f32, f64 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { FLOAT_BYTES } from '../layout.ts';

const fields = {
  data: 'address',
  total: 'i32',
  /** A float64. */
  bound: 'address',
  scale: 'f32',
  output: 'address',
} as const;

/** All in one item. */
export function gradientScaleKernel(counted: 'above' | 'other than'): Kernel<typeof fields> {
  return defineKernel({
    name: `gradient scale, ${counted}`,
    fields,
    write(body, { data, total, scale, output, ...record }) {
      const bound = body.let(f64.load(record.bound));
      const from = body.let(data);
      const count = body.local('i32');
      body.for(0, total, 1, () => {
        const value = f64.fromF32(f32.load(from));
        const isCounted =
          counted === 'above' ? f64.greater(value, bound) : f64.notEqual(f64.truncate(value), bound);
        body.increase(count, isCounted);
        body.increase(from, FLOAT_BYTES);
      });
      const divisor = f64.maximum(1, f64.fromI32(count));
      body.perform(f32.store(output, f32.fromF64(f64.divide(f64.fromF32(scale), divisor))));
    },
  });
}
