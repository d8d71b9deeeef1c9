/**
 * Names that MXNet gives to nodes which the official code leaves unnamed: a prefix and a counter per prefix, in order
 * of creation (`_divscalar0`, `concat1`, `custom2`). Goldens and symbol files use them.
 */
import type { OperatorName } from '../ops/index.ts';

const prefixes: Partial<Record<OperatorName, string>> = {
  divScalar: '_divscalar',
  mulScalar: '_mulscalar',
  elementwiseMul: '_mul',
  elementwiseSub: '_minus',
  sliceChannel: 'slicechannel',
  blockGrad: 'blockgrad',
  // the operators that the official code adds in Python
  rpnInverseNormalize: 'custom',
  tileAs: 'custom',
  proposalTarget: 'custom',
  boxAnnotatorOhem: 'custom',
};

/** MXNet's prefix for an operator; the operator's own name where it makes no difference. */
export function mxnetPrefix(operator: string): string {
  return prefixes[operator as OperatorName] ?? operator;
}
