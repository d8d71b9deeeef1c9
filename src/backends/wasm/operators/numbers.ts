/** Attributes that kernels compute with in float64. */
import type { Address } from '../kernel.ts';
import type { NodeLowering } from '../lowering.ts';

/** Where these numbers lie, eight bytes each. */
export function float64s(lowering: NodeLowering, ...values: readonly number[]): Address {
  return lowering.constant(new Int32Array(Float64Array.from(values).buffer));
}
