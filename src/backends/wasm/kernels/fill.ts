/** Fill: one number everywhere. item = 8192 elements */
import { f32x4, f32, i32, v128 } from '../assembler/index.ts';
import { type Address, defineKernel, type Kernel, type RecordOf } from '../kernel.ts';
import { elementwiseItem, elementwiseItems } from './elementwise.ts';

const fields = { output: 'address', total: 'i32', value: 'f32' } as const;

export const fillKernel: Kernel<typeof fields> = defineKernel({
  name: 'fill',
  fields,
  write(body, { output, total, value, item }) {
    const vector = body.let(f32x4.splat(value));
    elementwiseItem(
      body,
      { total, item },
      (offset) => body.perform(v128.store(i32.add(output, offset), vector)),
      (offset) => body.perform(f32.store(i32.add(output, offset), value)),
    );
  },
});

/** Items and record of a step that fills so many elements. */
export function fillRecord(output: Address, total: number, value: number): [number, RecordOf<typeof fields>] {
  return [elementwiseItems(total), { output, total, value }];
}
