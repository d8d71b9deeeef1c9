/**
 * Gradients against central differences, in float64.
 *
 * With random heads g, the loss is L = Σ g · output. Along a random direction d of one input, dL is ⟨gradient, d⟩, and
 * (L(x + h d) − L(x − h d)) / 2h up to h² and rounding; both are compared relative to the size of their terms. The same
 * is done for single elements, so that an error in few of many elements cannot hide in a sum.
 */
import { type AnyOperator, runOperator } from '../../src/ops/operator.ts';
import { cast, type Tensor, tensor } from '../../src/tensor/index.ts';

/** Step of the differences: rounding (1e-16 / h) and curvature (h²) are both about 1e-10. */
const STEP = 1e-5;
/** Largest relative error. */
export const GRADIENT_TOLERANCE = 1e-6;
/** Single elements checked per input. */
const ELEMENTS = 3;

/** Repeatable numbers between −1 and 1. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

const randomLike = ({ shape, data }: Tensor, next: () => number): Tensor =>
  tensor(
    shape,
    Float64Array.from(data, () => next()),
  );

function dot(a: Tensor, b: Tensor): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += a.data[i]! * b.data[i]!;
  return sum;
}

/** Σ |a · b|: what rounding errors of the dot product are relative to. */
function size(a: Tensor, b: Tensor): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i]! * b.data[i]!);
  return sum;
}

const moved = (x: Tensor, direction: Tensor, step: number): Tensor =>
  tensor(
    x.shape,
    Float64Array.from(x.data, (value, i) => value + step * direction.data[i]!),
  );

/** One sentence per disagreement; none when all gradients are right. */
export function gradientProblems(
  operator: AnyOperator,
  given: readonly Tensor[],
  attributes: object,
  seed: number,
): string[] {
  const complete = { ...operator.defaults, ...attributes };
  const inputs = given.map((input) => cast(input, 'float64'));
  const outputs = runOperator(operator, inputs, attributes);
  const next = randomNumbers(seed);
  const heads = outputs.map((output) => randomLike(output, next));
  const loss = (changed: readonly Tensor[]): { value: number; terms: number } => {
    const results = runOperator(operator, changed, attributes);
    const value = results.reduce((sum, result, k) => sum + dot(heads[k]!, result), 0);
    return { value, terms: results.reduce((sum, result, k) => sum + size(heads[k]!, result), 0) };
  };
  const thunks = operator.gradient!(heads, inputs, outputs, complete);
  return thunks.flatMap((thunk, k) => {
    const input = inputs[k];
    if (!thunk || !input) return [];
    const gradient = thunk() as Tensor;
    const name = operator.inputs[k] ?? `input ${k}`;
    if (gradient.shape.join() !== input.shape.join()) {
      return [
        `${operator.name}: gradient in ${name} is ${gradient.shape.join('x')}, ${name} is ${input.shape.join('x')}`,
      ];
    }
    return directions(input, next).flatMap((direction) => {
      const replace = (step: number): Tensor[] =>
        inputs.map((other, n) => (n === k ? moved(other, direction, step) : other));
      const [up, down] = [loss(replace(STEP)), loss(replace(-STEP))];
      const expected = (up.value - down.value) / (2 * STEP);
      const got = dot(gradient, direction);
      // Differences carry the rounding of the loss, divided by the step: about 1e-11 of its terms.
      const scale = size(gradient, direction) + Math.abs(expected) + 1e-4 * (up.terms + 1);
      if (Math.abs(got - expected) <= GRADIENT_TOLERANCE * scale) return [];
      return [
        `${operator.name}: gradient in ${name} is ${got} along a direction, central differences give ${expected}`,
      ];
    });
  });
}

/** A random direction, and a few of single elements. */
function directions(input: Tensor, next: () => number): Tensor[] {
  if (input.data.length === 0) return [];
  const single = Array.from({ length: ELEMENTS }, () => {
    const data = new Float64Array(input.data.length);
    data[Math.floor(((next() + 1) / 2) * data.length) % data.length] = 1;
    return tensor(input.shape, data);
  });
  return [randomLike(input, next), ...single];
}
