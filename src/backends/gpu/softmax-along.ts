/**
 * What softmax and softmaxActivation share: exponentials of a line of numbers, divided by their sum.
 *
 * Three kernels: the largest number of each line, the sum of its exponentials, and the shares. The largest is subtracted
 * first, or exp would overflow.
 */
import type { Shape } from '../../tensor/shape.ts';
import type { Argument, Lowering, Step } from './kernel.ts';
import { firstPlanes, type Line, lineAlong, linePlanes } from './line.ts';
import { plainInput, plainKernel } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

/** `firstPlane` has the plane in which a line begins. */
function largestOfLine(this: Thread<keyof Line>, data: Planes, firstPlane: Planes): number {
  const z = firstPlane[0]![0]![this.thread.z]!;
  let largest = data[z]![this.thread.y]![this.thread.x]!;
  for (let k = 0; k < this.constants.K; k++) {
    const value =
      data[z + k * this.constants.stepPlane]![this.thread.y + k * this.constants.stepRow]![
        this.thread.x + k * this.constants.stepColumn
      ]!;
    if (value > largest) {
      largest = value;
    }
  }
  return largest;
}

function totalOfLine(
  this: Thread<keyof Line | 'temperature'>,
  data: Planes,
  firstPlane: Planes,
  largest: Planes,
): number {
  const z = firstPlane[0]![0]![this.thread.z]!;
  const most = largest[this.thread.z]![this.thread.y]![this.thread.x]!;
  let total = 0;
  for (let k = 0; k < this.constants.K; k++) {
    const value =
      data[z + k * this.constants.stepPlane]![this.thread.y + k * this.constants.stepRow]![
        this.thread.x + k * this.constants.stepColumn
      ]!;
    total += Math.exp((value - most) / this.constants.temperature);
  }
  return total;
}

/** `linePlane` has the plane in which `largest` and `total` have the numbers of a line. */
function share(
  this: Thread<keyof Line | 'temperature'>,
  data: Planes,
  linePlane: Planes,
  largest: Planes,
  total: Planes,
): number {
  const z = linePlane[0]![0]![this.thread.z]!;
  const y = this.thread.y * (1 - this.constants.stepRow);
  const x = this.thread.x * (1 - this.constants.stepColumn);
  const above = data[this.thread.z]![this.thread.y]![this.thread.x]! - largest[z]![y]![x]!;
  return Math.exp(above / this.constants.temperature) / total[z]![y]![x]!;
}

/** Softmax of input 0 along an axis counted from the front. */
export function softmaxAlong(shape: Shape, axis: number, temperature: number): Lowering {
  const line = lineAlong(shape, axis);
  const lines = shape.with(axis, 1);
  const data = plainInput(0);
  const [largest, total] = [0, 1].map((index): Argument => ({ from: 'step', index }));
  const first = firstPlanes(shape, axis);
  const steps: Step[] = [
    { spec: plainKernel('largest', largestOfLine, { ...line }, lines), arguments: [data, first] },
    {
      spec: plainKernel('total', totalOfLine, { ...line, temperature }, lines),
      arguments: [data, first, largest!],
    },
    {
      spec: plainKernel('share', share, { ...line, temperature }, shape),
      arguments: [data, linePlanes(shape, axis), largest!, total!],
    },
  ];
  return { steps, outputs: [2] };
}
