/**
 * Elementwise kernels: one number of each input, at the same place, gives one number.
 *
 * The obvious kernel does one number per invocation, the fast one a texel: four numbers with one fetch per input.
 * Lanes of a texel that belong to no channel stay 0 whatever the formula says of 0: a convolution multiplies them by
 * weights of 0, and 0 · ∞ would be NaN.
 *
 * NaN      Every comparison with NaN is false, here as in the reference; but graphics cards may compile as if there were
 *          no NaN, so that what a formula makes of it is only certain in modes webasm and cpu.
 */
import type { GpuOperator, Lowering, NodeView } from './kernel.ts';
import { LANES } from './lanes.ts';
import { plainAxes, type PackedLayout } from './layout.ts';
import { texelAt, texelKernel } from './texel-source.ts';

/** Text of a number as float32 has it: the reference rounds scalars to the dtype of the data before it uses them. */
export const float = (value: number): string => `(${Math.fround(value)})`;

/**
 * The kernels of an elementwise operator.
 *
 * @param formula text of the result, from the names of the inputs and the attributes; inputs have one shape
 */
export function elementwise<A = object>(
  name: string,
  inputs: readonly string[],
  formula: (attributes: A) => string,
): GpuOperator<A> {
  const args = inputs.map((_, k) => `x${k}`);
  return {
    obvious(node) {
      const axes = plainAxes(node.outputs[0]!);
      const reads = inputs.map(
        (input, k) => `const ${input} = x${k}[this.thread.z][this.thread.y][this.thread.x];`,
      );
      const source = `function ${name}(${args.join(', ')}) { ${reads.join(' ')} return ${formula(node.attributes)}; }`;
      const spec = {
        name,
        source,
        output: axes,
        gives: 'number',
        result: { kind: 'plain', axes },
      } as const;
      const fed = inputs.map((_, index) => ({ from: 'input', index, as: 'plain' }) as const);
      return { steps: [{ spec, arguments: fed }], outputs: [0] };
    },
    fast: (node) => fastElementwise(name, inputs, formula(node.attributes), node),
  };
}

/** The fast kernel. Inputs may be of size 1 on axes where the result is not: then they repeat. */
export function fastElementwise(
  name: string,
  inputs: readonly string[],
  formula: string,
  node: NodeView,
): Lowering | undefined {
  const storage = node.capabilities.packed!;
  const result = node.packedOutput(0);
  const layouts = inputs.map((_, k) => node.packedInput(k));
  if (!result || layouts.includes(undefined)) return undefined;
  // An index of 0 that is no literal: gpu.js makes sums of literals numbers that no texel can be read at.
  const along = (size: number, whole: number, index: string): string =>
    size === 1 && whole > 1 ? `${index} * 0` : index;
  const loads = layouts.map((layout, k) => {
    const { N, groups, H, W } = layout!;
    const place = [
      along(N, result.N, 'n'),
      along(groups, result.groups, 'g'),
      along(H, result.H, 'y'),
      along(W, result.W, 'x'),
    ] as const;
    return `const t${k} = ${texelAt(storage, `x${k}`, layout!, ...place)};`;
  });
  const lane = (l: number): string => {
    const text = inputs.reduce((t, input, k) => {
      const from = layouts[k]!.C === 1 && result.C > 1 ? 0 : l;
      return t.replaceAll(new RegExp(`\\b${input}\\b`, 'g'), `t${k}[${from}]`);
    }, formula);
    return laneOf(result, l, text);
  };
  const body = [...loads, ...LANES.map(lane)].join(' ');
  const names = inputs.map((_, k) => `x${k}`);
  const spec = texelKernel(storage, name, names, result, body);
  const fed = inputs.map((_, index) => ({ from: 'input', index, as: 'packed' }) as const);
  return { steps: [{ spec, arguments: fed }], outputs: [0] };
}

/** Text that declares lane `l` of a texel of a result: a value, or 0 where the lane belongs to no channel. */
export function laneOf({ C }: PackedLayout, l: number, value: string): string {
  if (l < C % 4 || C % 4 === 0) return `const r${l} = ${value};`;
  return `let r${l} = 0; if (g * 4 + ${l} < ${C}) { r${l} = ${value}; }`;
}
