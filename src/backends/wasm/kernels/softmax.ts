/**
 * Softmax along lines: exp((x − largest) / temperature) divided by their sum, all in float64 as on the reference.
 *
 *   item = some lines; a line has K elements, `step` bytes apart
 *
 * A line of NaN or +∞ becomes NaN throughout.
 */
import { f32, f64, i32 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { exponentialFunction } from './exponential.ts';

const fields = {
  input: 'address',
  output: 'address',
  /** Room for one line in float64 for each thread. */
  lines: 'address',
  /** A float64. */
  temperature: 'address',
  /** Elements of a line. */
  size: 'i32',
  /** Lines that lie side by side: elements from one element of a line to the next. */
  inner: 'i32',
  lineCount: 'i32',
  itemLines: 'i32',
} as const;

export const softmaxKernel: Kernel<typeof fields> = defineKernel({
  name: 'softmax',
  fields,
  write(body, record, module) {
    const { size, inner, itemLines, item, thread } = record;
    const exponential = exponentialFunction(module);
    const temperature = body.let(f64.load(record.temperature));
    const line = body.let(i32.add(record.lines, i32.multiply(thread, i32.multiply(size, 8))));
    const step = body.let(i32.multiply(inner, 4));
    const first = body.let(i32.multiply(item, itemLines));
    const end = body.let(i32.add(first, itemLines));
    body.set(end, i32.minimum(end, record.lineCount));
    const [from, to] = [body.local('i32'), body.local('i32')];
    const [value, largest, sum] = [body.local('f64'), body.local('f64'), body.local('f64')];
    body.for(first, end, 1, (index) => {
      const outer = i32.multiply(i32.divide(index, inner), i32.multiply(size, step));
      const start = body.let(i32.add(outer, i32.multiply(i32.remainder(index, inner), 4)));
      body.set(largest, -Infinity);
      body.set(from, i32.add(record.input, start));
      body.for(0, size, 1, () => {
        body.set(value, f64.fromF32(f32.load(from)));
        body.set(largest, f64.select(value, largest, f64.greater(value, largest)));
        body.increase(from, step);
      });
      body.set(sum, 0);
      body.set(from, i32.add(record.input, start));
      body.set(to, line);
      body.for(0, size, 1, () => {
        const x = f64.divide(f64.subtract(f64.fromF32(f32.load(from)), largest), temperature);
        body.set(value, exponential.call({ x }));
        body.set(sum, f64.add(sum, value));
        body.perform(f64.store(to, value));
        body.increase(from, step);
        body.increase(to, 8);
      });
      body.set(from, line);
      body.set(to, i32.add(record.output, start));
      body.for(0, size, 1, () => {
        body.perform(f32.store(to, f32.fromF64(f64.divide(f64.load(from), sum))));
        body.increase(from, 8);
        body.increase(to, step);
      });
    });
  },
});
