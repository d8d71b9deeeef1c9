/**
 * gridGenerator on the device: see `src/ops/grid-generator.ts`. The fast kernel computes both coordinates at once.
 *
 * Letters  H × W positions
 */
import type { GpuOperator, NodeView } from './kernel.ts';
import { oneStep, plainInput, plainKernel } from './plain-kernel.ts';
import { texelAt, texelKernel } from './texel-source.ts';
import type { Planes, Thread } from './thread.ts';

/** Even planes point right, odd ones down. */
function gridGenerator(this: Thread<'halfW' | 'halfH'>, flow: Planes): number {
  const axis = this.thread.z - 2 * Math.floor((this.thread.z + 0.5) / 2);
  const shift = flow[this.thread.z]![this.thread.y]![this.thread.x]!;
  if (axis < 0.5) return (shift + this.thread.x) / this.constants.halfW - 1;
  return (shift + this.thread.y) / this.constants.halfH - 1;
}

/** Pixels from the first to the middle one, of columns and of rows. */
function halves({ outputs }: NodeView): { readonly halfW: number; readonly halfH: number } {
  const [, , H = 0, W = 0] = outputs[0]!;
  return { halfW: (W - 1) / 2, halfH: (H - 1) / 2 };
}

export const gridGeneratorKernels: GpuOperator = {
  obvious(node: NodeView) {
    const spec = plainKernel('gridGenerator', gridGenerator, halves(node), node.outputs[0]!);
    return oneStep(spec, [plainInput(0)]);
  },
  fast(node: NodeView) {
    const [input, result] = [node.packedInput(0), node.packedOutput(0)];
    if (!input || !result) return undefined;
    const storage = node.capabilities.packed!;
    const { halfW, halfH } = halves(node);
    const body = `const t = ${texelAt(storage, 'x0', input, 'n', 'g', 'y', 'x')};
  const r0 = (t[0] + x) / ${halfW} - 1; const r1 = (t[1] + y) / ${halfH} - 1; const r2 = 0; const r3 = 0;`;
    const spec = texelKernel(storage, 'gridGenerator', ['x0'], result, body);
    return oneStep(spec, [{ from: 'input', index: 0, as: 'packed' }]);
  },
};
