/** Copy padded: rows copied one behind the other, each filled up with zeros. item = row */
import { i32, memory } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';

const fields = {
  source: 'address',
  target: 'address',
  /** Bytes that are copied, from one row of the source to the next, and of a row of the target. */
  rowBytes: 'i32',
  sourceStride: 'i32',
  targetStride: 'i32',
} as const;

export const copyPaddedKernel: Kernel<typeof fields> = defineKernel({
  name: 'copy padded',
  fields,
  write(body, { source, target, rowBytes, sourceStride, targetStride, item }) {
    const from = i32.add(source, i32.multiply(item, sourceStride));
    const to = body.let(i32.add(target, i32.multiply(item, targetStride)));
    body.perform(memory.copy(to, from, rowBytes));
    body.perform(memory.fillZero(i32.add(to, rowBytes), i32.subtract(targetStride, rowBytes)));
  },
});
