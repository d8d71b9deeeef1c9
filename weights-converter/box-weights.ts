/**
 * The two forms of the box layer. Training regresses box deltas divided by their deviations (0.1, 0.1, 0.2, 0.2);
 * checkpoints written during training hold the layer in that form under its plain name, and once more, with the
 * deviations multiplied back in, with `_test` in the name. Detection wants the latter (official loader: a name with
 * `_test` replaces the one without).
 *
 * Files of this package are for detection: the `_test` form has the plain name, so that no reader needs to know of this
 * rule; the form for training is kept beside it with `_train` appended, so that training can go on from the same file to
 * the last bit.
 */
import { ParameterError } from '../src/tensor/errors.ts';
import { formatShape, sameShape } from '../src/tensor/shape.ts';
import type { Checkpoint, CheckpointEntry } from './checkpoint.ts';

/** What the weights are for. */
export type WeightUse = 'test' | 'train';

export interface ChosenWeights {
  /** By official name, in file order. */
  readonly weights: ReadonlyMap<string, CheckpointEntry>;
  /** The other form of the same layers, by the plain name: for training if the weights are for detection. */
  readonly training: ReadonlyMap<string, CheckpointEntry>;
  /**
   * `test`: ready for detection. `unchanged`: the file had one form only and did not say which.
   */
  readonly boxWeights: 'test' | 'unchanged';
  readonly warnings: readonly string[];
}

const TEST = '_test';
const TRAIN = '_train';

/** The metadata key that says which form the plain names have. */
export const BOX_WEIGHTS_KEY = 'box_weights';

/** Sorts the entries of a checkpoint into weights for detection and their training form. */
export function chooseWeights(checkpoint: Checkpoint): ChosenWeights {
  const { entries, metadata, name: file } = checkpoint;
  const weights = new Map<string, CheckpointEntry>();
  const training = new Map<string, CheckpointEntry>();
  const replaced = new Map<string, CheckpointEntry>();
  for (const [name, entry] of entries) {
    if (name.includes(TEST)) replaced.set(partner(name, TEST, entry, checkpoint), entry);
    else if (name.endsWith(TRAIN)) training.set(partner(name, TRAIN, entry, checkpoint), entry);
  }
  for (const [name, entry] of entries) {
    if (name.includes(TEST) || name.endsWith(TRAIN)) continue;
    const test = replaced.get(name);
    if (test !== undefined) training.set(name, entry);
    weights.set(name, test ?? entry);
  }
  const ready = replaced.size > 0 || metadata.get(BOX_WEIGHTS_KEY) === 'test';
  const warning = `${file}: has no rfcn_bbox_weight_test, so the box layer is taken as it is; boxes are wrong if it is the form for training`;
  return {
    weights,
    training,
    boxWeights: ready ? 'test' : 'unchanged',
    warnings: ready ? [] : [warning],
  };
}

/** The plain name that belongs to a marked one; it must be there and look the same. */
function partner(
  name: string,
  mark: string,
  entry: CheckpointEntry,
  { entries, name: file }: Checkpoint,
): string {
  const plain = name.replace(mark, '');
  const found = entries.get(plain);
  if (found !== undefined && sameShape(found.shape, entry.shape)) return plain;
  const what = found === undefined ? `there is no ${plain}` : `${plain} is ${formatShape(found.shape)}`;
  throw new ParameterError(`${file}: has ${name} (${formatShape(entry.shape)}), but ${what}`);
}

/** The name under which the form for training is stored. */
export function trainingName(name: string): string {
  return `${name}${TRAIN}`;
}
