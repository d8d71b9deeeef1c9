/**
 * softmaxOutput: class probabilities that train as if they were a loss.
 *
 * Formula  out = exp(x_k) / Σ_j exp(x_j) over the classes, axis 1. The label does not enter the output.
 * Source   MXNet SoftmaxOutput. Deep Feature Flow: the classification losses of regions and proposals, with useIgnore and
 *          normalization `valid`. All attributes but multiOutput concern the gradient alone.
 * Gradient MXNet's own rule, not the derivative of the softmax: that of the cross entropy, p − onehot(label), scaled,
 *          whatever gradient comes in. The label gets none.
 * NaN      In the data: NaN or +∞ makes all classes at its position NaN. In the label: no effect.
 * Letters  N samples, K classes
 */
import { apply, type Operator, type Value } from './operator.ts';
import { softmaxAlong } from './softmax-along.ts';
import {
  checkSoftmaxOutput,
  type SoftmaxOutputAttributes,
  softmaxOutputDefaults,
} from './softmax-output-attributes.ts';
import { softmaxOutputGradient } from './softmax-output-gradient.ts';

export type { SoftmaxOutputAttributes } from './softmax-output-attributes.ts';

export const softmaxOutputOperator: Operator<readonly ['data', 'label'], SoftmaxOutputAttributes> = {
  name: 'softmaxOutput',
  inputs: ['data', 'label'],
  outputs: ['output'],
  defaults: softmaxOutputDefaults,

  shape([data, label], attributes) {
    checkSoftmaxOutput('softmaxOutput', 'data', data, label, attributes);
    return [data];
  },

  forward([out], [data]) {
    softmaxAlong(out, data, 1);
  },

  gradient: (_heads, [, label], [output], attributes) => [
    () => softmaxOutputGradient(output, label, attributes),
    null,
  ],
};

/**
 * Softmax over the classes of data (N, K), or (N, K, …) with `multiOutput`, which trains on `label`: whole numbers from 0
 * to K − 1, or `ignoreLabel`, one per row (N) or per position (N, …).
 *
 * @returns the probabilities, of the shape of the data; never the loss
 * @throws ShapeError when the label does not fit the data
 * @example softmaxOutput(scores, label, { useIgnore: true, normalization: 'valid' })
 */
export function softmaxOutput<V extends Value>(
  data: V,
  label: V,
  attributes: SoftmaxOutputAttributes = {},
): V {
  return apply(softmaxOutputOperator, [data, label], attributes)[0];
}
