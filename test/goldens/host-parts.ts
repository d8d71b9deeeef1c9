/** Golden host parts of training: targets of anchors and of regions, to the last bit. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { anchorTargets, proposalTarget } from '../../src/ops/index.ts';
import { readSafetensors, type Tensor, tensor } from '../../src/tensor/index.ts';
import { compareRow, failure, type GoldenRow } from './rows.ts';

type Stored = ReadonlyMap<string, Tensor>;

const EXACT = { absolute: 0, relative: 0 };

/** The host parts whose inputs and results are stored with a training step. */
export function hostPartRows(title: string, stored: Stored): GoldenRow[] {
  const [proposals, boxes] = [stored.get('in/proposals'), stored.get('in/gt_boxes')];
  if (!proposals || !boxes) return [failure(`${title}/host parts`, 'the proposals or boxes are not stored')];
  const regions = proposalTarget(proposals, table(boxes));
  return [
    ...anchorRows(title, stored, 'in/'),
    ...compared(`${title}/proposal targets`, stored, {
      'in/rois': regions.rois,
      'in/roi_labels': regions.labels,
      'in/rcnn_bbox_target': regions.boxTargets,
      'in/roi_bbox_weights': regions.boxWeights,
    }),
  ];
}

/** The anchor targets of an image large enough that there are too many positives or negatives. */
export async function fullAnchorRows(folder: string): Promise<GoldenRow[]> {
  const path = join(folder, 'anchors-full.safetensors');
  if (!existsSync(path)) return [];
  return anchorRows('train/full size', readSafetensors(await readFile(path), path), '');
}

function anchorRows(title: string, stored: Stored, prefix: string): GoldenRow[] {
  const [info, boxes, target] = ['im_info', 'gt_boxes', 'bbox_target'].map((name) =>
    stored.get(prefix + name),
  );
  if (!info || !boxes || !target) return [failure(`${title}/anchor targets`, 'their inputs are not stored')];
  const [, , height = 0, width = 0] = target.shape;
  const { label, bboxTarget, bboxWeight } = anchorTargets(height, width, info, table(boxes));
  return compared(`${title}/anchor targets`, stored, {
    [`${prefix}label`]: label,
    [`${prefix}bbox_target`]: bboxTarget,
    [`${prefix}bbox_weight`]: bboxWeight,
  });
}

function compared(title: string, stored: Stored, found: Readonly<Record<string, Tensor>>): GoldenRow[] {
  return Object.entries(found).map(([name, got]) => {
    const want = stored.get(name);
    const row = `${title} ${name.replace(/^in\//, '')}`;
    return want ? compareRow(row, got, want, EXACT) : failure(row, 'is not stored');
  });
}

/** (1, G, 5), as it is stored, as a table (G, 5). */
function table({ shape, data }: Tensor): Tensor {
  return tensor(shape.slice(-2), data);
}
