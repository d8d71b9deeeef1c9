/** sliceAxis on the device: see `src/ops/slice-axis.ts`. */
import type { SliceAxisAttributes } from '../../ops/index.ts';
import type { GpuOperator, NodeView } from './kernel.ts';
import { assemblyStep } from './packed-assembly.ts';
import { following, gathering } from './places.ts';

type View = NodeView<Required<SliceAxisAttributes>>;

/** The axis and the first element that is kept. */
function stretch({ inputs, attributes }: View): { readonly axis: number; readonly first: number } {
  const data = inputs[0]!;
  const axis = attributes.axis < 0 ? attributes.axis + data.length : attributes.axis;
  return { axis, first: attributes.begin < 0 ? attributes.begin + data[axis]! : attributes.begin };
}

const names = ['fromImage', 'fromChannel', 'fromRow', 'fromColumn'] as const;

export const sliceAxisKernels: GpuOperator<Required<SliceAxisAttributes>> = {
  obvious(node) {
    const [data] = node.inputs;
    const { axis, first } = stretch(node);
    const places = data!.map((_, a) => following(a, a === axis ? first : 0));
    return gathering(node.outputs[0]!, { shape: data!, places });
  },
  fast(node) {
    const { axis, first } = stretch(node);
    const step = assemblyStep(node, 0, [{ input: 0, [names[axis]!]: first }]);
    return step && { steps: [step], outputs: [0] };
  },
};
