/** take: rows of the data by index. */
import { elementCount } from '../../../tensor/shape.ts';
import { takeRowsKernel } from '../kernels/take-rows.ts';
import { bytesOf } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';

/** Bytes that one item copies. */
const PART = 65536;

export function lowerTake(lowering: NodeLowering): void {
  const [data, indices] = lowering.inputs as readonly [readonly number[], readonly number[]];
  // Rows that are images may stay in blocks: they are one piece there too.
  const areImages = data.length === 4 && indices.length === 1 && lowering.has(0, 'blocks');
  const layout = areImages ? 'blocks' : 'planar';
  const rows = data[0]!;
  const rowBytes = rows === 0 ? 0 : bytesOf(data, layout) / rows;
  const parts = Math.ceil(rowBytes / PART);
  lowering.step(takeRowsKernel, elementCount(indices) * parts, {
    data: lowering.input(0, layout),
    indices: lowering.input(1, 'planar'),
    output: lowering.output(0, layout),
    rows,
    rowBytes,
    parts,
    partBytes: PART,
  });
}
