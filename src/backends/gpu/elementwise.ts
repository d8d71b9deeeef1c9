/**
 * Elementwise kernels: one number of each input, at the same place, gives one number.
 *
 * The obvious kernel does one number per invocation, the fast one a texel: four numbers with one fetch per input.
 */
import type { GpuOperator, NodeView } from './kernel.ts';
import { plainAxes } from './layout.ts';
import { texelAt, texelKernel } from './texel-source.ts';

/**
 * The kernels of an elementwise operator.
 *
 * @param formula text of the result, from the names of the inputs and the attributes; inputs have one shape
 */
export function elementwise<A>(
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

function fastElementwise(
  name: string,
  inputs: readonly string[],
  formula: string,
  node: NodeView,
): ReturnType<NonNullable<GpuOperator['fast']>> {
  const storage = node.capabilities.packed!;
  const result = node.packedOutput(0);
  const layouts = inputs.map((_, k) => node.packedInput(k));
  if (!result || layouts.includes(undefined)) return undefined;
  const loads = layouts.map(
    (layout, k) => `const t${k} = ${texelAt(storage, `x${k}`, layout!, 'n', 'g', 'y', 'x')};`,
  );
  const lane = (l: number): string => {
    const text = inputs.reduce(
      (t, input, k) => t.replaceAll(new RegExp(`\\b${input}\\b`, 'g'), `t${k}[${l}]`),
      formula,
    );
    return `const r${l} = ${text};`;
  };
  const body = [...loads, ...[0, 1, 2, 3].map(lane)].join(' ');
  const spec = texelKernel(
    storage,
    name,
    inputs.map((_, k) => `x${k}`),
    result,
    body,
  );
  const fed = inputs.map((_, index) => ({ from: 'input', index, as: 'packed' }) as const);
  return { steps: [{ spec, arguments: fed }], outputs: [0] };
}
