/** What makeLoss and its gradient share: attributes and their checks. */
import { checkChoice, checkNumber } from './checks.ts';
import { type Defaults } from './operator.ts';

export interface MakeLossAttributes {
  /** The gradient of every element, before normalisation. Default 1. */
  readonly gradScale?: number;
  /** Divide the gradient by the batch size or by the number of elements above `validThreshold`. Default `null`. */
  readonly normalization?: 'null' | 'batch' | 'valid';
  /** What an element must exceed to count in normalization `valid`. Default 0. */
  readonly validThreshold?: number;
}

export const makeLossDefaults: Defaults<MakeLossAttributes> = {
  gradScale: 1,
  normalization: 'null',
  validThreshold: 0,
};

/** Throws ShapeError unless the attributes are of their kind. */
export function checkMakeLoss(operator: string, attributes: Required<MakeLossAttributes>): void {
  const { gradScale, normalization, validThreshold } = attributes;
  checkNumber(operator, 'gradScale', gradScale);
  checkNumber(operator, 'validThreshold', validThreshold);
  checkChoice(operator, 'normalization', normalization, ['null', 'batch', 'valid']);
}
