/**
 * The deconvolution of modes webasm and cpu: at stride s it is s × s convolutions, each of four filters at once
 * (`four-filters.ts`), whose results are interleaved.
 *
 * Letters  N images, C input channels, O output channels, H × W input, P × Q output, I × J taps
 */
import { pair } from '../../ops/index.ts';
import { begin, type EnlargementAttributes, phaseBorder, tapsOfPhase } from './deconvolution-phases.ts';
import { fourFiltersStep, MOST_TAPS, padKernel, type Tap } from './four-filters.ts';
import type { Argument, KernelSpec, Lowering, NodeView, Step } from './kernel.ts';
import { plainAxes, plainLayout } from './layout.ts';
import { plainInput } from './plain-kernel.ts';
import { quotient } from './texel-source.ts';

/** Larger strides have more phases than an interleaving kernel should read. */
const MOST_STRIDE = 3;

/** Undefined for groups, dilation, different or large strides, many taps, and weights computed in the graph. */
export function plainDeconvolution(node: NodeView<EnlargementAttributes>): Lowering | undefined {
  const { inputs, outputs, attributes } = node;
  const [, , I, J] = inputs[1]! as unknown as readonly [number, number, number, number];
  const [stride, strideX] = pair(attributes.stride);
  const known = node.isParameter(1) && (inputs.length < 3 || node.isParameter(2));
  const usual =
    attributes.groups === 1 && pair(attributes.dilation).every((d) => d === 1) && stride === strideX;
  if (!known || !usual || stride > Math.min(I, J, MOST_STRIDE) || I * J > MOST_TAPS) return undefined;

  const [N, C] = inputs[0]! as unknown as readonly [number, number];
  const [, O, P, Q] = outputs[0]! as unknown as readonly [number, number, number, number];
  const border = phaseBorder(node);
  const steps: Step[] =
    border > 0 ? [{ spec: padKernel(inputs[0]!, border, border), arguments: [plainInput(0)] }] : [];
  const image: Argument = border > 0 ? { from: 'step', index: 0 } : plainInput(0);
  const phases = phaseTaps([I, J], begin(attributes), stride, border).map((taps): Argument => {
    const sizes = { N, C, O, P: Math.ceil(P / stride), Q: Math.ceil(Q / stride) };
    const window = {
      ...sizes,
      taps,
      stride: [1, 1],
      slope: attributes.slope ?? 1,
      transposed: true,
    } as const;
    steps.push(fourFiltersStep(window, image, inputs.length > 2));
    return { from: 'step', index: steps.length - 1 };
  });
  if (stride > 1) steps.push({ spec: interleaveKernel(outputs[0]!, stride), arguments: phases });
  return { steps, outputs: [steps.length - 1] };
}

/** The taps of every phase, row by row. */
function phaseTaps(
  [I, J]: readonly [number, number],
  [top, left]: readonly [number, number],
  stride: number,
  border: number,
): readonly (readonly Tap[])[] {
  return Array.from({ length: stride * stride }, (_, phase) => {
    const rows = tapsOfPhase(Math.floor(phase / stride) + top, I, stride);
    const columns = tapsOfPhase((phase % stride) + left, J, stride);
    return rows.flatMap((row) =>
      columns.map((column) => ({
        row: row.offset + border,
        column: column.offset + border,
        tap: row.tap * J + column.tap,
      })),
    );
  });
}

/** Every pixel from the result of its phase. */
function interleaveKernel(shape: readonly number[], stride: number): KernelSpec {
  const count = stride * stride;
  const names = Array.from({ length: count }, (_, phase) => `p${phase}`);
  const picks = names.map(
    (name, phase) => `if (phase === ${phase}) { value = ${name}[this.thread.z][row][column]; }`,
  );
  const source = `function interleave(${names.join(', ')}) {
  const row = ${quotient('this.thread.y', stride)}; const column = ${quotient('this.thread.x', stride)};
  const phase = (this.thread.y - row * ${stride}) * ${stride} + this.thread.x - column * ${stride};
  let value = 0;
  ${picks.join(' else ')}
  return value;
}`;
  return {
    name: 'interleave',
    source,
    output: plainAxes(shape),
    gives: 'number',
    result: plainLayout(shape),
  };
}
