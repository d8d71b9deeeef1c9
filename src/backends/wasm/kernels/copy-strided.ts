/** Copy strided: right[…] = left[…] along a walk, whose right places are all different. */
import { f32, i32, memory } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { FLOAT_BYTES } from '../layout.ts';
import { walkFields, walkItem } from './walk.ts';

/** Elements from which the engine's copy is worth its call. */
const LONG = 16;

export const copyStridedKernel: Kernel<typeof walkFields> = defineKernel({
  name: 'copy strided',
  fields: walkFields,
  write(body, record) {
    const { leftStep, rightStep } = record;
    const isDense = i32.and(i32.equal(leftStep, FLOAT_BYTES), i32.equal(rightStep, FLOAT_BYTES));
    walkItem(body, record, ({ count, left, right }) => {
      body.if(
        i32.and(isDense, i32.greaterEqual(count, LONG)),
        () => body.perform(memory.copy(right, left, i32.multiply(count, FLOAT_BYTES))),
        () =>
          body.for(0, count, 1, () => {
            body.perform(f32.store(right, f32.load(left)));
            body.increase(left, leftStep);
            body.increase(right, rightStep);
          }),
      );
    });
  },
});
