/**
 * rpnInverseNormalize: undo the normalisation that the regression targets of the proposal network were trained with.
 *
 * Formula  out[n,c,y,x] = bbox_pred[n,c,y,x] · deviations[c mod 4] + means[c mod 4]
 * Source   The official custom operator `rpn_inv_normalize`.
 * Gradient None is passed on, by decision of the official operator: in training the loss taps the prediction before it.
 * Letters  N images, 4A channels (dx, dy, dw, dh for each of A anchors), H × W map
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape } from '../tensor/shape.ts';
import { nchw } from './checks.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { rounding } from './rounding.ts';

export interface RpnInverseNormalizeAttributes {
  /** Means of dx, dy, dw, dh. Default zeros. */
  readonly means?: readonly number[];
  /** Standard deviations of dx, dy, dw, dh. The official networks have 0.1, 0.1, 0.4, 0.4. */
  readonly deviations: readonly number[];
}

export const rpnInverseNormalizeOperator: Operator<
  readonly ['bbox_pred'],
  RpnInverseNormalizeAttributes,
  readonly ['out_bbox_pred']
> = {
  name: 'rpnInverseNormalize',
  inputs: ['bbox_pred'],
  outputs: ['out_bbox_pred'],
  defaults: { means: [0, 0, 0, 0] },

  shape([bboxPred], { means, deviations }) {
    const [, C] = nchw('rpnInverseNormalize', 'bbox_pred', bboxPred);
    if (C % 4 !== 0) {
      throw new ShapeError(
        `rpnInverseNormalize: bbox_pred has ${C} channels, expected a multiple of 4 (bbox_pred ${formatShape(bboxPred)})`,
      );
    }
    checkFour('rpnInverseNormalize', 'means', means);
    checkFour('rpnInverseNormalize', 'deviations', deviations);
    return [bboxPred];
  },

  forward([out], [bboxPred], { means, deviations }) {
    const [N = 0, C = 0, H = 0, W = 0] = bboxPred.shape;
    const round = rounding(bboxPred.dtype);
    let i = 0;
    for (let map = 0; map < N * C; map++) {
      const [mean, deviation] = [round(means[map % 4]!), round(deviations[map % 4]!)]; // C is a multiple of 4
      for (const end = i + H * W; i < end; i++) {
        out.data[i] = round(bboxPred.data[i]! * deviation) + mean;
      }
    }
  },

  gradient: () => [null],
};

/** Throws unless `list` has four finite numbers: one for each of dx, dy, dw, dh. */
export function checkFour(operator: string, name: string, list: readonly number[]): void {
  if (list.length === 4 && list.every(Number.isFinite)) return;
  throw new ShapeError(
    `${operator}: ${name} is [${list.join(', ')}], expected four numbers, for dx, dy, dw and dh`,
  );
}

/**
 * De-normalised corrections of anchors, the same shape as `bboxPred` (N, 4A, H, W).
 *
 * @throws ShapeError when the channels are no multiple of four
 * @example rpnInverseNormalize(prediction, { deviations: [0.1, 0.1, 0.4, 0.4] })
 */
export function rpnInverseNormalize<V extends Value>(
  bboxPred: V,
  attributes: RpnInverseNormalizeAttributes,
): V {
  return apply(rpnInverseNormalizeOperator, [bboxPred], attributes)[0];
}
