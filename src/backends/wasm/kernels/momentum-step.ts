/**
 * A step of gradient descent with momentum, in float64 but for the results.
 *
 *   g = min(max(rescale · grad, −bound), bound)
 *   mom' = momentum · mom − rate · g − rate · decay · weight
 *   weight' = weight + mom'
 *
 *   item = 8192 elements
 */
import { type Expression, f32, f32x4, f64, f64x2, i32, type V128, v128 } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { elementwiseItem } from './elementwise.ts';

const fields = {
  weight: 'address',
  grad: 'address',
  mom: 'address',
  newWeight: 'address',
  newMom: 'address',
  total: 'i32',
  /** rescale, −bound, bound, momentum, rate, rate · decay: float64s. */
  numbers: 'address',
} as const;

export const momentumStepKernel: Kernel<typeof fields> = defineKernel({
  name: 'momentum step',
  fields,
  write(body, { total, item, numbers, ...arrays }) {
    const number = (place: number): V128 => body.let(f64x2.splat(f64.load(numbers, 8 * place)));
    const [rescale, lowest, highest] = [number(0), number(1), number(2)];
    const [momentum, rate, decay] = [number(3), number(4), number(5)];
    const [w, g, m] = [body.local('v128'), body.local('v128'), body.local('v128')];
    const load = (read: (address: Expression<'i32'>) => V128, offset: Expression<'i32'>): void => {
      body.set(w, read(i32.add(arrays.weight, offset)));
      body.set(g, read(i32.add(arrays.grad, offset)));
      body.set(m, read(i32.add(arrays.mom, offset)));
    };
    /** The new momentum of the two elements in the lower lanes. */
    const ofTwo = (weight: V128, grad: V128, mom: V128): V128 => {
      const scaled = f64x2.multiply(rescale, f64x2.fromLowF32(grad));
      const clipped = f64x2.minimum(f64x2.maximum(scaled, lowest), highest);
      const kept = f64x2.multiply(momentum, f64x2.fromLowF32(mom));
      const moved = f64x2.subtract(kept, f64x2.multiply(rate, clipped));
      return f64x2.toF32(f64x2.subtract(moved, f64x2.multiply(decay, f64x2.fromLowF32(weight))));
    };
    const upper = (four: V128): V128 => v128.shuffle(four, four, [2, 3, 2, 3]);
    elementwiseItem(
      body,
      { total, item },
      (offset) => {
        load(v128.load, offset);
        const halves = [ofTwo(w, g, m), ofTwo(upper(w), upper(g), upper(m))] as const;
        const newMom = body.let(v128.shuffle(...halves, [0, 1, 4, 5]));
        body.perform(v128.store(i32.add(arrays.newMom, offset), newMom));
        body.perform(v128.store(i32.add(arrays.newWeight, offset), f32x4.add(w, newMom)));
      },
      (offset) => {
        load(v128.loadSplat, offset);
        const newMom = body.let(ofTwo(w, g, m));
        body.perform(f32.store(i32.add(arrays.newMom, offset), f32x4.lane(newMom, 0)));
        const newWeight = f32x4.lane(f32x4.add(w, newMom), 0);
        body.perform(f32.store(i32.add(arrays.newWeight, offset), newWeight));
      },
    );
  },
});
