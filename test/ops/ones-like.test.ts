import fc from 'fast-check';
import { onesLikeOperator } from '../../src/ops/index.ts';
import { build, checkOp } from '../../src/testing/index.ts';
import { unaryCases } from './arithmetic-cases.ts';

checkOp(onesLikeOperator, unaryCases(fc.constant({})), {
  oracle: ([data]) => build(data!.shape, () => 1),
  tolerance: { float32: 0, float64: 0 },
});
