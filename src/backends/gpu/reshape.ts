/**
 * reshape on the device: see `src/ops/reshape.ts`.
 *
 * The flat position of a number is a sum: that of its plane, of its row in the plane, and of its column. Each of the
 * three is written on the host as plane, row and column of the data, like hours, minutes and seconds; the kernel adds
 * them with carries. So no flat position enters a kernel: beyond 2²⁴ a float could not hold it.
 */
import type { Shape } from '../../tensor/shape.ts';
import type { Argument, GpuOperator, NodeView, Step } from './kernel.ts';
import { type Axes, plainAxes } from './layout.ts';
import { plainInput, plainKernel, plainTable } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

/** W columns and H rows of the data. The three columns add up to less than 3 W, the rows with a carry to less than 3 H. */
function reshape(
  this: Thread<'W' | 'H'>,
  data: Planes,
  byPlane: Planes,
  byRow: Planes,
  byColumn: Planes,
): number {
  const plane =
    byPlane[0]![0]![this.thread.z]! + byRow[0]![0]![this.thread.y]! + byColumn[0]![0]![this.thread.x]!;
  const row =
    byPlane[0]![1]![this.thread.z]! + byRow[0]![1]![this.thread.y]! + byColumn[0]![1]![this.thread.x]!;
  const column =
    byPlane[0]![2]![this.thread.z]! + byRow[0]![2]![this.thread.y]! + byColumn[0]![2]![this.thread.x]!;
  const rowsOver = (column >= this.constants.W ? 1 : 0) + (column >= 2 * this.constants.W ? 1 : 0);
  const inRow = column - rowsOver * this.constants.W;
  const allRows = row + rowsOver;
  const planesOver = (allRows >= this.constants.H ? 1 : 0) + (allRows >= 2 * this.constants.H ? 1 : 0);
  const inPlane = allRows - planesOver * this.constants.H;
  return data[plane + planesOver]![inPlane]![inRow]!;
}

/** The flat positions 0, step, 2 step, … as planes, rows and columns. */
function positions(size: number, step: number, [W, H]: Axes): Parameters<typeof plainTable> {
  const data = new Float32Array(3 * size);
  for (let i = 0; i < size; i++) {
    const flat = i * step;
    data[i] = Math.floor(flat / (W * H));
    data[size + i] = Math.floor(flat / W) % H;
    data[2 * size + i] = flat % W;
  }
  return [[3, size], data];
}

/** A step that gives what an argument holds another shape. */
export function reshapeStep(data: Argument, shape: Shape, result: Shape): Step {
  const from = plainAxes(shape);
  const [columns, rows, planes] = plainAxes(result);
  const spec = plainKernel('reshape', reshape, { W: from[0], H: from[1] }, result);
  const tables = [
    positions(planes, rows * columns, from),
    positions(rows, columns, from),
    positions(columns, 1, from),
  ];
  return { spec, arguments: [data, ...tables.map((table) => plainTable(...table))] };
}

export const reshapeKernels: GpuOperator = {
  obvious({ inputs, outputs }: NodeView) {
    return { steps: [reshapeStep(plainInput(0), inputs[0]!, outputs[0]!)], outputs: [0] };
  },
};
