/** Sums and means over axes. */
import type { ReductionAttributes } from '../../ops/index.ts';
import { reductionGeometry } from '../../ops/reduction.ts';
import { sameShape, type Shape } from '../../tensor/shape.ts';
import type { Call, Converter } from '../converter.ts';

/** ONNX takes the axes of a sum as an input, and in opset 16 those of a mean as an attribute. */
export const sum: Converter<ReductionAttributes> = (call) =>
  reduced(call, (data, axes) => call.emit('ReduceSum', [data, call.integers('axes', axes)]));

export const mean: Converter<ReductionAttributes> = (call) =>
  reduced(call, (data, axes) => call.emit('ReduceMean', [data], { axes: { ints: axes } }));

/** No axes at all would mean all of them there, so that a reduction over none is left out. */
function reduced(
  call: Call<ReductionAttributes>,
  reduce: (data: string, axes: readonly number[]) => string,
): string {
  const [data, source] = [call.inputShapes[0]!, call.inputs[0]!];
  const axes = summedAxes(data, call.attributes);
  const { keptShape } = reductionGeometry('sum', data, call.attributes);
  const totals = axes.length > 0 ? reduce(source, axes) : source;
  const shape = call.outputShapes[0]!;
  return sameShape(shape, keptShape) ? totals : call.emit('Reshape', [totals, call.integers('shape', shape)]);
}

function summedAxes(data: Shape, { axes, exclude }: Required<ReductionAttributes>): number[] {
  const all = [...data.keys()];
  if (axes.length === 0) return all;
  const named = axes.map((axis) => (axis + data.length) % data.length);
  return all.filter((axis) => named.includes(axis) !== exclude);
}
