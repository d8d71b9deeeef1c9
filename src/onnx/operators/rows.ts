/** Choosing rows by index, and the way back. Our indices are floats; ONNX wants int64. */
import type { ScatterRowsAttributes } from '../../ops/index.ts';
import { type Call, type Converter, scalar } from '../converter.ts';

const INT64 = 7;

/** Limited to the rows that there are, then without a fraction: casting drops it towards zero, as we do. */
function rowIndices(call: Pick<Call, 'emit' | 'floats'>, indices: string, rows: number): string {
  const limited = call.emit('Clip', [indices, scalar(call, 'first', 0), scalar(call, 'last', rows - 1)]);
  return call.emit('Cast', [limited], { to: { int: INT64 } });
}

export const take: Converter = (call) => {
  const [a, indices] = call.inputs;
  const rows = call.inputShapes[0]![0]!;
  return call.emit('Gather', [a!, rowIndices(call, indices!, rows)], { axis: { int: 0 } });
};

export const scatterRows: Converter<ScatterRowsAttributes> = (call) => {
  const { emit, integers } = call;
  const [data, indices] = call.inputs;
  const shape = integers('shape', call.outputShapes[0]!);
  const zeros = emit('ConstantOfShape', [shape], { value: { fill: 0 } });
  const single = integers('single', [...call.inputShapes[1]!, 1]); // one index per row
  const places = emit('Reshape', [rowIndices(call, indices!, call.attributes.rows), single]);
  return emit('ScatterND', [zeros, places, data!], { reduction: { text: 'add' } });
};
