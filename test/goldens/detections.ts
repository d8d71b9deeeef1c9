/** Golden detections: the same sets at both thresholds, scores and boxes within the stated tolerance. */
import { imagenetVidNames } from '../../src/data/index.ts';
import {
  type Detection,
  postprocess,
  type PostprocessSettings,
  postprocessPresets,
} from '../../src/dff/postprocess.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';
import { contradiction } from './greedy.ts';
import type { GoldenCall, GoldenCase } from './manifest.ts';
import { failure, type GoldenRow } from './rows.ts';
import { detectionRule, detectionsAreUnstable, type StabilityNotes } from './stability.ts';

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
      const detect = (settings: PostprocessSettings): Detection[] =>
        postprocess({ rois, scores, deltas, imInfo }, names, settings, image);
      return compareDetections(title, detect, frame, rule, golden.tolerances);
    }),
  );
}

/** Sets are compared by class and region. Where the golden's own set is unstable, another may be explained by noise. */
function compareDetections(
  title: string,
  detect: (settings: PostprocessSettings) => readonly Detection[],
  frame: StoredFrame,
  rule: 'demo' | 'evaluation',
  tolerances: GoldenCase['tolerances'],
): GoldenRow {
  const settings = rules[rule];
  const found = detect(settings);
  const stored = frame[rule];
  const ours = new Map(found.map((d) => [keyOf(d.label, d.row), d]));
  const theirs = new Map(stored.map((d) => [keyOf(d[0], d[6]), d]));
  const missing = [...theirs.keys()].filter((key) => !ours.has(key));
  const extra = [...ours.keys()].filter((key) => !theirs.has(key));
  const same = missing.length === 0 && extra.length === 0;
  // All boxes, as they are before the suppression, with some that barely score too little.
  const loose = { ...settings, scoreThreshold: settings.scoreThreshold * 0.999, nmsThreshold: 1 };
  const all = same ? found : detect(loose);
  const explained =
    same ||
    (detectionsAreUnstable(frame, rule) && contradictionOfDetections(all, stored, settings) === undefined);
  const { score, box } = distances(all, theirs);
  const cap = same && rule === 'evaluation' ? capDistance(found, frame.evaluationCap300) : 0;
  const close = Math.max(score, cap) <= tolerances.detectionScore && box <= tolerances.detectionBoxPixels;
  const sets = [...missing.map((key) => `missing ${key}`), ...extra.map((key) => `extra ${key}`)].slice(0, 3);
  const note = [
    `${theirs.size} detections`,
    `scores within ${score.toExponential(1)}`,
    `boxes within ${box.toExponential(1)} px`,
    ...(cap > tolerances.detectionScore ? ['another score of the 300th'] : []),
    ...sets,
    ...(explained && !same ? ['which noise explains'] : []),
  ];
  const tolerance = { absolute: tolerances.detectionBoxPixels, relative: 0 };
  return {
    name: title,
    absolute: box,
    relative: 0,
    tolerance,
    pass: explained && close,
    note: note.join(', '),
  };
}

/** Largest differences of scores and of coordinates. */
function distances(
  ours: readonly Detection[],
  theirs: ReadonlyMap<string, StoredDetection>,
): { score: number; box: number } {
  let [score, box] = [0, 0];
  for (const mine of ours) {
    const [, value, ...corners] = theirs.get(keyOf(mine.label, mine.row)) ?? [];
    if (value === undefined) continue;
    score = Math.max(score, Math.abs(mine.score - value));
    box = Math.max(box, ...mine.box.map((x, k) => Math.abs(x - corners[k]!)));
  }
  return { score, box };
}

/** How far the score that decides which 300 detections of an image count is from the stored one. */
function capDistance(found: readonly Detection[], stored: number | null): number {
  const ours = found.map((d) => d.score).toSorted((a, b) => b - a);
  if (stored === null) return ours.length > 300 ? Infinity : 0;
  return ours.length > 300 ? Math.abs(ours[299]! - stored) : Infinity;
}

const keyOf = (label: number, row: number): string => `class ${label} region ${row}`;

/** Why the stored detections cannot be what suppression leaves of our boxes, class by class; undefined when they can. */
function contradictionOfDetections(
  all: readonly Detection[],
  stored: readonly StoredDetection[],
  { scoreThreshold, nmsThreshold }: PostprocessSettings,
): string | undefined {
  for (const label of new Set([...all.map((d) => d.label), ...stored.map((d) => d[0])])) {
    const candidates = all.filter((d) => d.label === label);
    const boxes = tensor(
      [candidates.length, 4],
      candidates.flatMap((d) => d.box),
      'float64',
    );
    const kept = stored
      .filter((d) => d[0] === label)
      .map((d) => candidates.findIndex(({ row }) => row === d[6]));
    if (kept.includes(-1)) return `class ${label}: a stored box scores too little here`;
    const why = contradiction(
      boxes,
      candidates.map((d) => d.score),
      kept,
      detectionRule(scoreThreshold, nmsThreshold),
    );
    if (why !== undefined) return `class ${label}: ${why}`;
  }
  return undefined;
}
