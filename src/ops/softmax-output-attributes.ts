/** What softmaxOutput and its gradient share: attributes, defaults, and how labels fit the data. */
import { ShapeError } from '../tensor/errors.ts';
import { elementCount, formatShape, sameShape, type Shape } from '../tensor/shape.ts';
import { checkChoice, checkNumber, checkShape } from './checks.ts';
import { type Defaults } from './operator.ts';

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

export const softmaxOutputDefaults: Defaults<SoftmaxOutputAttributes> = {
  multiOutput: false,
  useIgnore: false,
  ignoreLabel: -1,
  normalization: 'null',
  gradScale: 1,
};

/** Throws ShapeError unless the label fits the data, or the probabilities, and the attributes are of their kind. */
export function checkSoftmaxOutput(
  operator: string,
  name: string,
  data: Shape,
  label: Shape,
  { multiOutput, ignoreLabel, normalization, gradScale }: Required<SoftmaxOutputAttributes>,
): void {
  checkNumber(operator, 'ignoreLabel', ignoreLabel);
  checkNumber(operator, 'gradScale', gradScale);
  checkChoice(operator, 'normalization', normalization, ['null', 'batch', 'valid']);
  if (multiOutput) checkPositionLabels(operator, name, data, label);
  else checkRowLabels(operator, name, data, label);
}

function checkRowLabels(operator: string, name: string, data: Shape, label: Shape): void {
  if (data.length !== 2) {
    const hint = 'set multiOutput for a label per position';
    throw new ShapeError(
      `${operator}: ${name} is ${formatShape(data)}, expected two axes (rows, classes); ${hint}`,
    );
  }
  checkShape(operator, 'label', label, [data[0]!], 'one label per row');
}

/** Labels come as (N, …), the data without its classes, or flat as (N, S). */
function checkPositionLabels(operator: string, name: string, data: Shape, label: Shape): void {
  if (data.length < 2) {
    throw new ShapeError(
      `${operator}: ${name} is ${formatShape(data)}, expected at least two axes (batch, classes)`,
    );
  }
  const flat = [data[0]!, elementCount(data.slice(2))];
  if (!sameShape(label, flat)) {
    checkShape(operator, 'label', label, data.toSpliced(1, 1), `or flat, ${formatShape(flat)}`);
  }
}
