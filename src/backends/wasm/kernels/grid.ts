/** Grid: a flow in pixels becomes normalised positions.  item = (image, axis, row) */
import { f32, i32 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { normalised } from './sample-sites.ts';

const fields = {
  flow: 'address',
  grid: 'address',
  height: 'i32',
  width: 'i32',
} as const;

export const gridKernel: Kernel<typeof fields> = defineKernel({
  name: 'grid',
  fields,
  write(body, { flow, grid, height, width, item }) {
    const y = body.let(i32.remainder(item, height));
    const isVertical = body.let(i32.and(i32.divide(item, height), 1));
    const size = body.let(i32.select(height, width, isVertical));
    const bytes = body.let(i32.multiply(i32.multiply(item, width), 4));
    const from = body.let(i32.add(flow, bytes));
    const to = body.let(i32.add(grid, bytes));
    body.for(0, width, 1, (x) => {
      const position = i32.select(y, x, isVertical);
      body.perform(f32.store(to, normalised(f32.load(from), position, size)));
      body.increase(from, 4);
      body.increase(to, 4);
    });
  },
});
