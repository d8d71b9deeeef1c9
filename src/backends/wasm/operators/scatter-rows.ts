/** scatterRows: rows added up where indices say. */
import { elementCount } from '../../../tensor/shape.ts';
import { scatterRowsKernel } from '../kernels/scatter-rows.ts';
import type { NodeLowering } from '../lowering.ts';

/** Elements of a row that one item computes. */
const PART = 4096;

export function lowerScatterRows(lowering: NodeLowering): void {
  const [rows = 0, ...row] = lowering.outputs[0]!;
  const length = elementCount(row);
  const parts = Math.ceil(length / PART);
  lowering.step(scatterRowsKernel, rows * parts, {
    data: lowering.input(0, 'planar'),
    indices: lowering.input(1, 'planar'),
    indexCount: elementCount(lowering.inputs[1]!),
    output: lowering.output(0, 'planar'),
    rows,
    length,
    parts,
    partLength: PART,
  });
}
