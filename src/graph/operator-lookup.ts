/** Which operator a node names: one of the table, or one of the caller's own. */
import { type OperatorName, operators } from '../ops/index.ts';
import type { AnyOperator } from '../ops/operator.ts';
import { UnsupportedOpError } from '../tensor/errors.ts';

/** Operators beside those of the table, by name. They go before it. */
export type OwnOperators = Readonly<Record<string, AnyOperator>>;

/** @throws UnsupportedOpError when there is none of that name */
export function operatorCalled(name: string, own: OwnOperators = {}): AnyOperator {
  if (Object.hasOwn(own, name)) return own[name]!;
  if (Object.hasOwn(operators, name)) return operators[name as OperatorName];
  throw new UnsupportedOpError(
    `graph: there is no operator called ${name}; hand in your own as { operators: { ${name} } }`,
  );
}
