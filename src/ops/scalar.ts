/** What the six operators with a scalar share. */
import type { Shape } from '../tensor/shape.ts';
import { checkFinite } from './checks.ts';

export interface ScalarAttributes {
  /** The other operand. Rounded to the dtype of the data. */
  readonly scalar: number;
}

/** The shape rule: that of the data. */
export function scalarShape(operator: string, data: Shape, scalar: number): readonly [Shape] {
  checkFinite(operator, 'scalar', scalar);
  return [data];
}
