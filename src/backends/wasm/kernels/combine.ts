/**
 * Combine: output[…] = left[…] ∘ right[…] along a walk, one correctly rounded operation each.
 *
 * Rows whose neighbours lie side by side, or are all the same element, are computed four elements at a time.
 */
import { type Body, f32, f32x4, i32, type Local, v128 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { FLOAT_BYTES } from '../layout.ts';
import { type Stretch, walkFields, walkItem } from './walk.ts';

export type Operation = 'add' | 'subtract' | 'multiply' | 'divide';

type CombineFields = { readonly output: 'address' } & typeof walkFields;

const fields: CombineFields = { output: 'address', ...walkFields };

export function combineKernel(operation: Operation): Kernel<CombineFields> {
  return defineKernel({
    name: operation,
    fields,
    write(body, record) {
      walkItem(body, record, (stretch) => {
        const output = body.let(i32.add(record.output, i32.multiply(stretch.position, FLOAT_BYTES)));
        combineRow(body, operation, { ...stretch, output }, record);
      });
    },
  });
}

function combineRow(
  body: Body,
  operation: Operation,
  { count, left, right, output }: Stretch & { readonly output: Local<'i32'> },
  { leftStep, rightStep }: { readonly leftStep: Local<'i32'>; readonly rightStep: Local<'i32'> },
): void {
  const index = body.local('i32');
  body.set(index, 0);
  const end = body.let(i32.subtract(count, 3));
  const vectors = (leftIsOne: boolean, rightIsOne: boolean): void => {
    const steps = i32.and(
      i32.equal(leftStep, leftIsOne ? 0 : FLOAT_BYTES),
      i32.equal(rightStep, rightIsOne ? 0 : FLOAT_BYTES),
    );
    body.if(steps, () =>
      body.while(i32.less(index, end), () => {
        const a = leftIsOne ? v128.loadSplat(left) : v128.load(left);
        const b = rightIsOne ? v128.loadSplat(right) : v128.load(right);
        body.perform(v128.store(output, f32x4[operation](a, b)));
        body.increase(left, i32.multiply(leftStep, 4));
        body.increase(right, i32.multiply(rightStep, 4));
        body.increase(output, 16);
        body.increase(index, 4);
      }),
    );
  };
  vectors(false, false);
  vectors(false, true);
  vectors(true, false);
  body.while(i32.less(index, count), () => {
    body.perform(f32.store(output, f32[operation](f32.load(left), f32.load(right))));
    body.increase(left, leftStep);
    body.increase(right, rightStep);
    body.increase(output, FLOAT_BYTES);
    body.increase(index, 1);
  });
}
