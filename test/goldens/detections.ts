/** Golden detections: the same sets at both thresholds, scores and boxes within the stated tolerance. */
import { imagenetVidNames } from '../../src/data/index.ts';
import {
  type Detection,
  postprocess,
  type PostprocessSettings,
  postprocessPresets,
} from '../../src/dff/postprocess.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';
import type { GoldenCall, GoldenCase } from './manifest.ts';
import { failure, type GoldenRow } from './rows.ts';
import type { StabilityNotes } from './stability.ts';

/** class, score, x1, y1, x2, y2, row of the region */
type StoredDetection = readonly [number, number, number, number, number, number, number];

export interface StoredFrame extends StabilityNotes {
  readonly frame: number;
  readonly demo: readonly StoredDetection[];
  readonly evaluation: readonly StoredDetection[];
  readonly evaluationCap300: number | null;
}

export interface StoredDetections {
  readonly frames: readonly StoredFrame[];
}

/** The two rules of the stored lists. The evaluation list is the one before the cap of 300 per image. */
const rules: Readonly<Record<'demo' | 'evaluation', PostprocessSettings>> = {
  demo: postprocessPresets.demo,
  evaluation: { ...postprocessPresets.evaluation, scoreThreshold: 1e-3, maxPerImage: Infinity },
};

export function checkDetections(
  golden: GoldenCase,
  call: GoldenCall,
  values: Readonly<Record<string, Tensor>>,
  stored: readonly StoredFrame[],
): GoldenRow[] {
  const { rois_output: rois, cls_prob_reshape_output: scores, bbox_pred_reshape_output: deltas } = values;
  const infos = call.images.flatMap(({ height, width, scale }) => [height, width, scale]);
  const imInfo = tensor([call.images.length, 3], infos);
  const names = Array.from(
    { length: scores?.shape.at(-1) ?? 0 },
    (_, label) => imagenetVidNames[label] ?? `${label}`,
  );
  return stored.flatMap((frame, image) =>
    (['demo', 'evaluation'] as const).map((rule) => {
      const title = `${golden.name}/${call.graph}/frame${String(frame.frame).padStart(6, '0')}/detections ${rule}`;
      if (!rois || !scores || !deltas) return failure(title, 'the network gave no regions');
      const found = postprocess({ rois, scores, deltas, imInfo }, names, rules[rule], image);
      return compareDetections(title, found, frame[rule], frame.unstableRows, golden);
    }),
  );
}

/** Sets are compared by class and region. A region listed as unstable is left out on both sides. */
function compareDetections(
  title: string,
  found: readonly Detection[],
  stored: readonly StoredDetection[],

  unstable: readonly number[],
  { tolerances }: GoldenCase,
): GoldenRow {
  const ours = new Map(found.map((d) => [`class ${d.label} region ${d.row}`, d]));
  const theirs = new Map(stored.map((d) => [`class ${d[0]} region ${d[6]}`, d]));
  const excused = (key: string): boolean => unstable.some((row) => key.endsWith(` region ${row}`));
  const missing = [...theirs.keys()].filter((key) => !ours.has(key) && !excused(key));
  const extra = [...ours.keys()].filter((key) => !theirs.has(key) && !excused(key));
  let [score, box] = [0, 0];
  for (const [key, d] of theirs) {
    const mine = ours.get(key);
    if (!mine || excused(key)) continue;
    score = Math.max(score, Math.abs(mine.score - d[1]));
    mine.box.forEach((x, k) => (box = Math.max(box, Math.abs(x - d[2 + k]!))));
  }
  const close = score <= tolerances.detectionScore && box <= tolerances.detectionBoxPixels;
  const pass = missing.length === 0 && extra.length === 0 && close;
  const sets = [...missing.map((key) => `missing ${key}`), ...extra.map((key) => `extra ${key}`)].slice(0, 3);
  const note = [
    `${theirs.size} detections`,
    `scores within ${score.toExponential(1)}`,
    `boxes within ${box.toExponential(1)} px`,
    ...sets,
  ];
  const tolerance = { absolute: tolerances.detectionBoxPixels, relative: 0 };
  return { name: title, absolute: box, relative: 0, tolerance, pass, note: note.join(', ') };
}
