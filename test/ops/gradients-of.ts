/** What an operator passes back, for tests of its rule at kinks, at ties and where it stops gradients. */
import type { AnyOperator, Value } from '../../src/ops/index.ts';
import { runOperator } from '../../src/ops/index.ts';
import type { Tensor } from '../../src/tensor/index.ts';

/** One gradient per input, given those in the outputs; null where the operator passes none. */
export function gradientsOf(
  operator: AnyOperator,
  inputs: readonly Tensor[],
  heads: readonly Tensor[],
  attributes: object = {},
): (Tensor | null)[] {
  const outputs = runOperator(operator, inputs, attributes);
  const thunks = operator.gradient!(heads, inputs, outputs, { ...operator.defaults, ...attributes });
  return thunks.map((thunk) => (thunk ? (thunk() satisfies Value as Tensor) : null));
}
