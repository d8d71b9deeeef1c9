/** sliceChannel on the device: see `src/ops/slice-channel.ts`. One kernel for each part. */
import type { SliceChannelAttributes } from '../../ops/index.ts';
import type { GpuOperator, NodeView } from './kernel.ts';
import { assemblyStep } from './packed-assembly.ts';
import { type AxisPlace, following, gatherStep } from './places.ts';

type View = NodeView<Required<SliceChannelAttributes>>;

const axisOf = ({ inputs, attributes: { axis } }: View): number =>
  axis < 0 ? axis + inputs[0]!.length : axis;

function obvious(node: View): ReturnType<GpuOperator['obvious']> {
  const [data] = node.inputs;
  const { squeeze } = node.attributes;
  const axis = axisOf(node);
  const size = data![axis]! / node.outputs.length;
  const place = (a: number, first: number): AxisPlace => {
    if (a !== axis) return following(squeeze && a > axis ? a - 1 : a);
    return squeeze ? { follows: undefined, at: () => first } : following(a, first);
  };
  const steps = node.outputs.map((shape, k) =>
    gatherStep(shape, { shape: data!, places: data!.map((_, a) => place(a, k * size)) }),
  );
  return { steps, outputs: steps.map((_, k) => k) };
}

function fast(node: View): ReturnType<NonNullable<GpuOperator['fast']>> {
  const axis = axisOf(node);
  const size = node.inputs[0]![axis]! / node.outputs.length;
  if (axis > 1 || node.attributes.squeeze) return undefined;
  const steps = node.outputs.map((_, k) =>
    assemblyStep(node, k, [{ input: 0, [axis === 0 ? 'fromImage' : 'fromChannel']: k * size }]),
  );
  const whole = steps.filter((step) => step !== undefined);
  return whole.length === steps.length ? { steps: whole, outputs: steps.map((_, k) => k) } : undefined;
}

export const sliceChannelKernels: GpuOperator<Required<SliceChannelAttributes>> = { obvious, fast };
