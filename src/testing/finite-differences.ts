/**
 * Gradients against central differences, in float64.
 *
 * With random heads g, the loss is L = Σ g · output. Along a random direction d of one input, dL is ⟨gradient, d⟩, and
 * (L(x + h d) − L(x − h d)) / 2h up to h² and rounding; both are compared relative to the size of their terms. The same
 * is done for single elements, so that an error in few of many elements cannot hide in a sum.
 */
import { formatShape, sameShape, type Tensor, tensor } from '../tensor/index.ts';
import { randomIndex, randomLike } from './random.ts';
import { tolerances } from './tolerances.ts';

/** Step of the differences: rounding (1e-16 / h) and curvature (h²) are both about 1e-10. */
const STEP = 1e-5;
/** Single elements checked per input. */
const ELEMENTS = 3;
/** The differences carry the rounding of the loss, divided by the step: 1e-11 of its terms, well below this share. */
const ROUNDING_SHARE = 1e-4;

/** Something that can be differentiated: numbers in, numbers out, and what is claimed to be the gradient. */
export interface Claim {
  /** Starts every message, e.g. the operator's name. */
  readonly name: string;
  /** What is computed, in float64. */
  readonly outputs: (inputs: readonly Tensor[]) => readonly Tensor[];
  readonly inputs: readonly Tensor[];
  readonly inputNames: readonly string[];
  /** What the outputs are multiplied with to make a loss. */
  readonly heads: readonly Tensor[];
  /** The claimed gradient in each input; null for none, which is not checked. */
  readonly gradients: readonly (Tensor | null)[];
}

export interface DifferenceOptions {
  /** Half the distance between the two evaluations. Default 1e-5. */
  readonly step?: number;
  /** Largest relative error. Default 1e-6. */
  readonly tolerance?: number;
}

/** One sentence per disagreement with central differences; none when all gradients are right. */
export function differenceProblems(
  { name, outputs, inputs, inputNames, heads, gradients }: Claim,
  next: () => number,
  { step = STEP, tolerance = tolerances.gradient }: DifferenceOptions = {},
): string[] {
  const loss = (changed: readonly Tensor[]): { value: number; terms: number } => {
    let [value, terms] = [0, 0];
    outputs(changed).forEach((result, k) => {
      value += dot(heads[k]!, result);
      terms += size(heads[k]!, result);
    });
    return { value, terms };
  };
  return gradients.flatMap((gradient, k) => {
    const [input, inputName] = [inputs[k]!, inputNames[k]!];
    if (gradient === null) return [];
    if (!sameShape(gradient.shape, input.shape)) {
      const shapes = `is ${formatShape(gradient.shape)}, ${inputName} is ${formatShape(input.shape)}`;
      return [`${name}: gradient in ${inputName} ${shapes}`];
    }
    return directions(input, next).flatMap((direction) => {
      const shifted = (by: number): Tensor[] => inputs.with(k, moved(input, direction, by));
      const [up, down] = [loss(shifted(step)), loss(shifted(-step))];
      const expected = (up.value - down.value) / (2 * step);
      const got = dot(gradient, direction);
      const scale = size(gradient, direction) + Math.abs(expected) + ROUNDING_SHARE * (up.terms + 1);
      if (Math.abs(got - expected) <= tolerance * scale) return [];
      return [
        `${name}: gradient in ${inputName} is ${got} along a direction, central differences give ${expected}`,
      ];
    });
  });
}

/** A random direction, and a few of single elements. */
function directions(input: Tensor, next: () => number): Tensor[] {
  const count = input.data.length;
  if (count === 0) return [];
  const single = Array.from({ length: ELEMENTS }, () => {
    const data = new Float64Array(count);
    data[randomIndex(count, next)] = 1;
    return tensor(input.shape, data);
  });
  return [randomLike(input, next), ...single];
}

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
