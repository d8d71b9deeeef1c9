/**
 * Weights of a convolution in groups as those of one without: zeros for the channels of other groups.
 *
 *   item = filter
 */
import { i32, memory } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';

const fields = {
  source: 'address',
  target: 'address',
  /** Filters of a group. */
  groupFilters: 'i32',
  /** Bytes of a filter in the source, and in the target. */
  sourceBytes: 'i32',
  targetBytes: 'i32',
} as const;

export const expandGroupsKernel: Kernel<typeof fields> = defineKernel({
  name: 'expand groups',
  fields,
  write(body, { source, target, groupFilters, sourceBytes, targetBytes, item }) {
    const to = body.let(i32.add(target, i32.multiply(item, targetBytes)));
    const place = i32.multiply(i32.divide(item, groupFilters), sourceBytes);
    body.perform(memory.fillZero(to, targetBytes));
    const from = i32.add(source, i32.multiply(item, sourceBytes));
    body.perform(memory.copy(i32.add(to, place), from, sourceBytes));
  },
});
