/**
 * makeLoss: declares a value to be a loss.
 *
 * Formula  out = x
 * Source   MXNet MakeLoss. Deep Feature Flow: the box losses of regions and proposals. All attributes concern the
 *          gradient alone.
 * Gradient MXNet's own rule, not the derivative of the identity: the constant gradScale (over a count) at every element,
 *          whatever gradient comes in.
 */
import { checkMakeLoss, type MakeLossAttributes, makeLossDefaults } from './make-loss-attributes.ts';
import { makeLossGradient } from './make-loss-gradient.ts';
import { apply, type Operator, type Value } from './operator.ts';

export type { MakeLossAttributes } from './make-loss-attributes.ts';

export const makeLossOperator: Operator<readonly ['data'], MakeLossAttributes> = {
  name: 'makeLoss',
  inputs: ['data'],
  outputs: ['output'],
  defaults: makeLossDefaults,

  shape([data], attributes) {
    checkMakeLoss('makeLoss', attributes);
    return [data];
  },

  forward([out], [data]) {
    out.data.set(data.data);
  },

  gradient: (_heads, [data], _outputs, attributes) => [() => makeLossGradient(data, attributes)],
};

/**
 * The data as it is; training starts its backward pass here.
 *
 * @example makeLoss(boxLoss, { gradScale: 1 / 128 })
 */
export function makeLoss<V extends Value>(data: V, attributes: MakeLossAttributes = {}): V {
  return apply(makeLossOperator, [data], attributes)[0];
}
