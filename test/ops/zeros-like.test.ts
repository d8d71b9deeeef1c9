import fc from 'fast-check';
import { zerosLikeOperator } from '../../src/ops/index.ts';
import { build, checkOp } from '../../src/testing/index.ts';
import { unaryCases } from './arithmetic-cases.ts';

checkOp(zerosLikeOperator, unaryCases(fc.constant({})), {
  oracle: ([data]) => build(data!.shape, () => 0),
  tolerance: { float32: 0, float64: 0 },
});
