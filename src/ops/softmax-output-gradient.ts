/**
 * softmaxOutputGradient: what MXNet's SoftmaxOutput starts the backward pass with.
 *
 * Formula  out[n,k,s] = scale · (probability[n,k,s] − [k is label[n,s]]), and 0 for all classes where the label is ignored
 *          scale = gradScale / count, where count is 1 for normalization `null`, N for `batch`, and for `valid` the number of
 *          labels other than ignoreLabel, at least 1; it leaves them out whether or not useIgnore is set
 *          With multiOutput, `null` and `batch` divide by S first; `valid` does not.
 * Source   MXNet SoftmaxOutput, backward. The incoming gradient does not enter. Labels and ignoreLabel are cut to whole
 *          numbers before they are compared; a label that is no class subtracts nothing. Every step of the scale is
 *          rounded to float32, for float64 data too.
 * NaN      In a probability: at that element. In a label: no class, and not ignored.
 * Letters  N samples, K classes, S positions of a sample
 *
 * It has no gradient of its own: its probability comes from softmaxOutput, through which no derivative passes.
 */
import { elementCount } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { apply, type Operator, type Value } from './operator.ts';
import {
  checkSoftmaxOutput,
  type SoftmaxOutputAttributes,
  softmaxOutputDefaults,
} from './softmax-output-attributes.ts';

export const softmaxOutputGradientOperator: Operator<
  readonly ['probability', 'label'],
  SoftmaxOutputAttributes
> = {
  name: 'softmaxOutputGradient',
  inputs: ['probability', 'label'],
  outputs: ['output'],
  defaults: softmaxOutputDefaults,

  shape([probability, label], attributes) {
    checkSoftmaxOutput('softmaxOutputGradient', 'probability', probability, label, attributes);
    return [probability];
  },

  forward([out], [probability, label], attributes) {
    const [N = 0, K = 0, ...positions] = probability.shape;
    const S = elementCount(positions);
    const scale = gradientScale(label, N, S, attributes);
    const ignored = attributes.useIgnore ? Math.trunc(attributes.ignoreLabel) : NaN; // NaN equals no label
    for (let n = 0; n < N; n++) {
      for (let s = 0; s < S; s++) {
        const truth = Math.trunc(label.data[n * S + s]!);
        if (truth === ignored) continue; // stays zero
        for (let k = 0; k < K; k++) {
          const i = (n * K + k) * S + s;
          out.data[i] = scale * (probability.data[i]! - (k === truth ? 1 : 0));
        }
      }
    }
  },
};

/** The factor of the gradient, in float32 steps. */
function gradientScale(
  label: Tensor,
  N: number,
  S: number,
  { multiOutput, ignoreLabel, normalization, gradScale }: Required<SoftmaxOutputAttributes>,
): number {
  const scale = Math.fround(gradScale);
  if (normalization === 'valid') {
    const ignored = Math.trunc(ignoreLabel);
    let count = 0;
    for (let i = 0; i < label.data.length; i++) if (Math.trunc(label.data[i]!) !== ignored) count++;
    return Math.fround(scale / Math.max(1, count));
  }
  const perSample = multiOutput ? Math.fround(scale / S) : scale;
  return normalization === 'batch' ? Math.fround(perSample / N) : perSample;
}

/**
 * The gradient that `softmaxOutput` with the same attributes passes to its data, whatever arrives at its output.
 *
 * @param probability (N, K), or (N, K, …) with `multiOutput`: the output of `softmaxOutput`
 * @param label (N), or one per position
 * @returns the shape of `probability`
 * @throws ShapeError when the label does not fit the probability
 * @example softmaxOutputGradient(probability, label, { useIgnore: true, normalization: 'valid' })
 */
export function softmaxOutputGradient<V extends Value>(
  probability: V,
  label: V,
  attributes: SoftmaxOutputAttributes = {},
): V {
  return apply(softmaxOutputGradientOperator, [probability, label], attributes)[0];
}
