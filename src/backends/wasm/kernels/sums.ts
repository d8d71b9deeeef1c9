/**
 * Sums over some axes, in float64: first of parts of 8192 elements at most, then of these parts. How the elements are
 * parted depends on the shape alone, so that the bits are the same on any number of threads.
 */
import { type Body, f32, f64, f64x2, i32, type Local, v128 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { FLOAT_BYTES } from '../layout.ts';
import { placeOf, type Stretch, walkFields, walkItem } from './walk.ts';

type PartialSumFields = {
  readonly [K in 'partials' | 'keptAxes']: 'address';
} & { readonly [K in 'keptAxesBytes' | 'parts' | 'pairs' | 'itemPairs']: 'i32' } & typeof walkFields;

const fields: PartialSumFields = {
  /** A float64 for each output and part. */
  partials: 'address',
  /** A table of the axes that are not summed over. */
  keptAxes: 'address',
  keptAxesBytes: 'i32',
  /** Parts of an output, pairs of both in all, and pairs of an item. */
  parts: 'i32',
  pairs: 'i32',
  itemPairs: 'i32',
  /** Through the axes that are summed over, of the first output. The right side is not used. */
  ...walkFields,
};

/** item = pairs of (output, part) */
export const partialSumsKernel: Kernel<PartialSumFields> = defineKernel({
  name: 'partial sums',
  fields,
  write(body, record) {
    const first = body.let(i32.multiply(record.item, record.itemPairs));
    const end = body.let(i32.add(first, record.itemPairs));
    body.set(end, i32.minimum(end, record.pairs));
    const [left, sum] = [body.local('i32'), body.local('f64')];
    body.for(first, end, 1, (pair) => {
      const output = body.let(i32.divide(pair, record.parts));
      const part = body.let(i32.remainder(pair, record.parts));
      body.set(left, record.left);
      placeOf(body, output, { axes: record.keptAxes, axesBytes: record.keptAxesBytes }, [left]);
      body.set(sum, 0);
      walkItem(body, { ...record, left, item: part }, (stretch) =>
        addRow(body, sum, stretch, record.leftStep),
      );
      body.perform(f64.store(i32.add(record.partials, i32.multiply(pair, 8)), sum));
    });
  },
});

/** Adds a stretch of a row; elements that lie side by side in four sums. */
function addRow(body: Body, sum: Local<'f64'>, { left, count }: Stretch, step: Local<'i32'>): void {
  const index = body.local('i32');
  body.set(index, 0);
  body.if(i32.equal(step, FLOAT_BYTES), () => {
    const end = body.let(i32.subtract(count, 3));
    const [low, high] = [body.local('v128'), body.local('v128')];
    body.set(low, v128.zero);
    body.set(high, v128.zero);
    body.while(i32.less(index, end), () => {
      const four = body.let(v128.load(left));
      const upper = v128.shuffle(four, four, [2, 3, 2, 3]);
      body.set(low, f64x2.add(low, f64x2.fromLowF32(four)));
      body.set(high, f64x2.add(high, f64x2.fromLowF32(upper)));
      body.increase(left, 16);
      body.increase(index, 4);
    });
    body.set(low, f64x2.add(low, high));
    body.set(sum, f64.add(sum, f64.add(f64x2.lane(low, 0), f64x2.lane(low, 1))));
  });
  body.while(i32.less(index, count), () => {
    body.set(sum, f64.add(sum, f64.fromF32(f32.load(left))));
    body.increase(left, step);
    body.increase(index, 1);
  });
}

const totalFields = {
  partials: 'address',
  output: 'address',
  parts: 'i32',
  outputs: 'i32',
  itemOutputs: 'i32',
  /** What sums are divided by, a float64. */
  divisor: 'address',
} as const;

/** item = some outputs */
export const totalSumsKernel: Kernel<typeof totalFields> = defineKernel({
  name: 'total sums',
  fields: totalFields,
  write(body, { partials, output, parts, outputs, itemOutputs, divisor, item }) {
    const first = body.let(i32.multiply(item, itemOutputs));
    const end = body.let(i32.add(first, itemOutputs));
    body.set(end, i32.minimum(end, outputs));
    const count = body.let(f64.load(divisor));
    const partial = body.let(i32.add(partials, i32.multiply(first, i32.multiply(parts, 8))));
    const sum = body.local('f64');
    body.for(first, end, 1, (index) => {
      body.set(sum, 0);
      body.for(0, parts, 1, () => {
        body.set(sum, f64.add(sum, f64.load(partial)));
        body.increase(partial, 8);
      });
      const target = i32.add(output, i32.multiply(index, FLOAT_BYTES));
      body.perform(f32.store(target, f32.fromF64(f64.divide(sum, count))));
    });
  },
});
