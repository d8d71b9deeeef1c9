/**
 * softmaxOutput: class probabilities that train as if they were a loss.
 *
 * Formula  out = exp(x_k) / Σ_j exp(x_j) over the classes, axis 1. The label does not enter the output.
 * Source   MXNet SoftmaxOutput: a probability forward, the gradient p − onehot(label) of the cross entropy backward,
 *          whatever gradient comes in. Deep Feature Flow: the classification losses of regions and proposals, with
 *          useIgnore and normalization `valid`. All attributes but multiOutput concern the gradient alone.
 * NaN      In the data: NaN or +∞ makes all classes at its position NaN. In the label: no effect.
 * Letters  N samples, K classes, S positions of a sample
 */
import { ShapeError } from '../tensor/errors.ts';
import { elementCount, formatShape, sameShape, type Shape } from '../tensor/shape.ts';
import { apply, checkChoice, checkNumber, checkShape, type Operator, type Value } from './operator.ts';
import { softmaxAlong } from './softmax-along.ts';

export interface SoftmaxOutputAttributes {
  /** One label per position of (N, K, …) instead of one per row of (N, K). Default false. */
  readonly multiOutput?: boolean;
  /** Give positions whose label is `ignoreLabel` no gradient. Default false. */
  readonly useIgnore?: boolean;
  /** The label that means "do not train here". Default −1. */
  readonly ignoreLabel?: number;
  /** Divide the gradient by the batch size or by the number of labels other than `ignoreLabel`. Default `null`. */
  readonly normalization?: 'null' | 'batch' | 'valid';
  /** Factor of the gradient. Default 1. */
  readonly gradScale?: number;
}

export const softmaxOutputOperator: Operator<readonly ['data', 'label'], SoftmaxOutputAttributes> = {
  name: 'softmaxOutput',
  inputs: ['data', 'label'],
  outputs: ['output'],
  defaults: { multiOutput: false, useIgnore: false, ignoreLabel: -1, normalization: 'null', gradScale: 1 },

  shape([data, label], { multiOutput, ignoreLabel, normalization, gradScale }) {
    checkNumber('softmaxOutput', 'ignoreLabel', ignoreLabel);
    checkNumber('softmaxOutput', 'gradScale', gradScale);
    checkChoice('softmaxOutput', 'normalization', normalization, ['null', 'batch', 'valid']);
    if (multiOutput) checkPositionLabels(data, label);
    else checkRowLabels(data, label);
    return [data];
  },

  forward([out], [data]) {
    softmaxAlong(out, data, 1);
  },
};

function checkRowLabels(data: Shape, label: Shape): void {
  if (data.length !== 2) {
    const hint = 'set multiOutput for a label per position';
    throw new ShapeError(
      `softmaxOutput: data is ${formatShape(data)}, expected two axes (rows, classes); ${hint}`,
    );
  }
  checkShape('softmaxOutput', 'label', label, [data[0]!], 'one label per row');
}

/** Labels come as (N, …), the data without its classes, or flat as (N, S). */
function checkPositionLabels(data: Shape, label: Shape): void {
  if (data.length < 2) {
    throw new ShapeError(
      `softmaxOutput: data is ${formatShape(data)}, expected at least two axes (batch, classes)`,
    );
  }
  const flat = [data[0]!, elementCount(data.slice(2))];
  if (!sameShape(label, flat)) {
    checkShape('softmaxOutput', 'label', label, data.toSpliced(1, 1), `or flat, ${formatShape(flat)}`);
  }
}

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
