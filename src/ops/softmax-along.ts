/** The kernel that softmax, softmaxActivation and softmaxOutput share, and the gradient of the first two. */
import { elementCount } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { broadcastSub } from './broadcast-sub.ts';
import { elementwiseMul } from './elementwise-mul.ts';
import type { Value } from './operator.ts';
import { sum } from './sum.ts';

/**
 * out = exp((x − m) / temperature) / Σ exp((x − m) / temperature) along an axis counted from the front, where m is the
 * largest x on it: without it exp overflows. NaN or +∞ on a line makes the whole line NaN.
 */
export function softmaxAlong(out: Tensor, data: Tensor, axis: number, temperature: number = 1): void {
  const size = data.shape[axis]!;
  const inner = elementCount(data.shape.slice(axis + 1)); // elements between neighbours on the axis
  const line = new Float64Array(size);
  for (let block = 0; block < data.data.length; block += size * inner) {
    for (let start = block; start < block + inner; start++) {
      let largest = -Infinity;
      for (let k = 0; k < size; k++) {
        line[k] = data.data[start + k * inner]!;
        if (line[k]! > largest) largest = line[k]!;
      }
      let sum = 0;
      for (let k = 0; k < size; k++) sum += line[k] = Math.exp((line[k]! - largest) / temperature);
      for (let k = 0; k < size; k++) out.data[start + k * inner] = line[k]! / sum;
    }
  }
}

/** Gradient of softmax p in its argument, given the gradient `head` in p: p · (head − Σ head · p along the axis). */
export function softmaxGradient<V extends Value>(head: V, p: V, axis: number): V {
  const along = sum(elementwiseMul(head, p), { axes: [axis], keepDims: true });
  return elementwiseMul(p, broadcastSub(head, along));
}
