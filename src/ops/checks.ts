/**
 * Checks for shape rules, where every argument error of an operator is thrown: one sentence that says which operator,
 * which argument, what it was and what was expected.
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, sameShape, type Shape } from '../tensor/shape.ts';

/** A size or offset per spatial axis: one number for both, or [vertical, horizontal]. */
export type Pair = number | readonly [vertical: number, horizontal: number];

export function pair(value: Pair): readonly [number, number] {
  return typeof value === 'number' ? [value, value] : value;
}

/** Throws unless `name` is a whole number of at least `least` in both directions. */
export function checkPair(operator: string, name: string, value: Pair, least: number): void {
  const values = typeof value === 'number' ? [value] : value;
  if (
    (typeof value === 'number' || value.length === 2) &&
    values.every((v) => Number.isInteger(v) && v >= least)
  )
    return;
  throw new ShapeError(
    `${operator}: ${name} is ${JSON.stringify(value)}, expected whole numbers of at least ${least}`,
  );
}

/** Throws unless an attribute is a whole number of at least `least`. */
export function checkInteger(operator: string, name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new ShapeError(`${operator}: ${name} is ${value}, expected a whole number of at least ${least}`);
}

/** Throws unless an attribute is a finite number of at least `least`. */
export function checkNumber(operator: string, name: string, value: number, least: number = -Infinity): void {
  if (Number.isFinite(value) && value >= least) return;
  const bound = least === -Infinity ? '' : ` of at least ${least}`;
  throw new ShapeError(`${operator}: ${name} is ${value}, expected a finite number${bound}`);
}

/** Throws unless an attribute is a finite number above 0. */
export function checkPositive(operator: string, name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new ShapeError(`${operator}: ${name} is ${value}, expected a finite number above 0`);
}

/** Throws unless an attribute is one of the words it may be. The compiler sees to it in TypeScript, nobody in JavaScript. */
export function checkChoice<T extends string>(
  operator: string,
  name: string,
  value: T,
  choices: readonly T[],
): void {
  if (choices.includes(value)) return;
  throw new ShapeError(`${operator}: ${name} is ${JSON.stringify(value)}, expected ${choices.join(' or ')}`);
}

/** Throws unless an attribute is a number other than NaN and the infinities, which JSON could not carry. */
export function checkFinite(operator: string, name: string, value: number): void {
  if (Number.isFinite(value)) return;
  throw new ShapeError(`${operator}: ${name} is ${value}, expected a finite number`);
}

/** The four sizes of an image batch or feature map. */
export function nchw(
  operator: string,
  name: string,
  shape: Shape,
): readonly [N: number, C: number, H: number, W: number] {
  if (shape.length === 4) return shape as unknown as readonly [number, number, number, number];
  throw new ShapeError(
    `${operator}: ${name} is ${formatShape(shape)}, expected four axes (batch, channels, height, width)`,
  );
}

/** Throws unless a shape is as expected. */
export function checkShape(operator: string, name: string, got: Shape, expected: Shape, hint = ''): void {
  if (sameShape(got, expected)) return;
  throw new ShapeError(
    `${operator}: ${name} is ${formatShape(got)}, expected ${formatShape(expected)}${hint && `; ${hint}`}`,
  );
}

/** An axis counted from the front; negative ones count from the back. */
export function checkAxis(operator: string, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(axis) && positive >= 0 && positive < rank) return positive;
  throw new ShapeError(`${operator}: axis is ${axis}, expected a whole number from ${-rank} to ${rank - 1}`);
}
