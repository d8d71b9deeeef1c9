/** Operators that hand on what is there: nothing is computed, the memory is shared. */
import { sameShape } from '../../../tensor/shape.ts';
import type { Layout } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';

/** The output is the first input, in all layouts that it is in; or its elements in order, under another shape. */
export function lowerView(lowering: NodeLowering): void {
  const layouts: Layout[] = ['planar', 'blocks'];
  const known = layouts.filter((layout) => lowering.has(0, layout));
  const isSame = sameShape(lowering.inputs[0]!, lowering.outputs[0]!);
  const shared = isSame && known.length > 0 ? known : (['planar'] as const);
  for (const layout of shared) lowering.share(0, layout, lowering.input(0, layout));
}
