/** What softmax and softmaxActivation share: the kernel that divides the exponentials of a line by their sum. */
import type { Shape } from '../../tensor/shape.ts';
import type { Lowering } from './kernel.ts';
import { plainAxes } from './layout.ts';
import { type Line, lineAlong } from './line.ts';
import { oneStep, plainInput, plainKernel, plainTable } from './plain-kernel.ts';
import type { Planes, Thread } from './thread.ts';

/**
 * `firstPlane` has the plane in which the line of a number begins. Every number goes over its line again: lines are
 * short (2 or 31 classes). The largest value is subtracted, or exp would overflow.
 */
function softmax(this: Thread<keyof Line | 'temperature'>, data: Planes, firstPlane: Planes): number {
  const z = firstPlane[0]![0]![this.thread.z]!;
  const y = this.thread.y * (1 - this.constants.stepRow);
  const x = this.thread.x * (1 - this.constants.stepColumn);
  let largest = data[z]![y]![x]!;
  for (let k = 0; k < this.constants.K; k++) {
    const value =
      data[z + k * this.constants.stepPlane]![y + k * this.constants.stepRow]![
        x + k * this.constants.stepColumn
      ]!;
    if (value > largest) {
      largest = value;
    }
  }
  let sum = 0;
  for (let k = 0; k < this.constants.K; k++) {
    const value =
      data[z + k * this.constants.stepPlane]![y + k * this.constants.stepRow]![
        x + k * this.constants.stepColumn
      ]!;
    sum += Math.exp((value - largest) / this.constants.temperature);
  }
  const own = data[this.thread.z]![this.thread.y]![this.thread.x]!;
  return Math.exp((own - largest) / this.constants.temperature) / sum;
}

/** Softmax of input 0 along an axis counted from the front. */
export function softmaxAlong(shape: Shape, axis: number, temperature: number): Lowering {
  const line = lineAlong(shape, axis);
  const [, , planes] = plainAxes(shape);
  const block = line.stepPlane * line.K;
  const first = Array.from({ length: planes }, (_, z) =>
    block === 0 ? z : z - (z % block) + (z % line.stepPlane),
  );
  const spec = plainKernel('softmax', softmax, { ...line, temperature }, shape);
  return oneStep(spec, [plainInput(0), plainTable([planes], first)]);
}
