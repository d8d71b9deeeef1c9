/**
 * Decisions that rounding may turn. The choice of regions, their rounding to pixels and the choice of detections are
 * discontinuous; a golden says by how many units of expected float32 noise each of them was clear, and lists what was
 * closer than 4 units. Only there may we decide otherwise than MXNet, and what follows is then compared on MXNet's own
 * decision. No tolerance is widened.
 */
import { proposalCandidates } from '../../src/ops/index.ts';
import { FEATURE_STRIDE, type NetworkConfiguration } from '../../src/nets/index.ts';
import { compare, type Tensor, tensor, type Tolerance } from '../../src/tensor/index.ts';
import { contradiction, type GreedyRule } from './greedy.ts';

export interface StabilityNotes {
  /** Smallest distance of a deciding comparison from turning, in units of noise. */
  readonly margins: {
    /** Null when it was not measured: fewer regions than rows. */
    readonly proposals: number | null;
    /** Null when there was nothing to decide. */
    readonly demo: number | null;
    readonly evaluation: number | null;
  };
  /** Regions whose rounding to pixels may go either way. */
  readonly unstableRows: readonly number[];
  /** n: regions n and n + 1 may be exchanged. */
  readonly unstableOrder: readonly number[];
}

/** Decisions closer than this many units of noise are unstable. */
const UNSTABLE = 4;

/** Noise of an object probability, and of the overlap of two boxes. */
const OBJECT_NOISE = (p: number): number => UNSTABLE * (4e-6 * Math.max(0, p * (1 - p)) + 1.2e-7);
const OVERLAP_NOISE = UNSTABLE * 1e-6;
/** Noise of a class probability. */
const CLASS_NOISE = (p: number): number => UNSTABLE * p * (1e-5 * (1 - p) + 1.5e-7);

export function choiceIsUnstable({ margins, unstableOrder }: StabilityNotes): boolean {
  return unstableOrder.length > 0 || margins.proposals === null || margins.proposals < UNSTABLE;
}

export function regionsAreUnstable(notes: StabilityNotes): boolean {
  return notes.unstableRows.length > 0 || choiceIsUnstable(notes);
}

export function detectionsAreUnstable({ margins }: StabilityNotes, rule: 'demo' | 'evaluation'): boolean {
  return (margins[rule] ?? Infinity) < UNSTABLE;
}

/** The rule of the final detections of one class. */
export function detectionRule(least: number, threshold: number): GreedyRule {
  const noise = { scoreNoise: CLASS_NOISE, overlapNoise: OVERLAP_NOISE };
  return { least, threshold, limit: Infinity, ordered: false, ...noise };
}

/** What the regions are chosen from: probabilities, corrections and image records, as the proposal operator takes them. */
export type ProposalFeeds = readonly [Tensor, Tensor, Tensor];

/** Ours and MXNet's regions of one call, image by image. */
export interface RegionChoice {
  readonly ours: Tensor;
  readonly stored: Tensor;
  readonly notes: readonly StabilityNotes[];
  readonly tolerance: Tolerance;
}

/** Why MXNet cannot have chosen its regions from our probabilities and corrections; undefined when it can. */
export function contradictionOfRegions(
  { ours, stored, notes, tolerance }: RegionChoice,
  feeds: ProposalFeeds,
  configuration: NetworkConfiguration,
): string | undefined {
  const { postNms } = configuration.proposals;
  for (const [image, note] of notes.entries()) {
    const part = (all: Tensor): Tensor =>
      tensor([postNms, 5], all.data.slice(5 * postNms * image, 5 * postNms * (image + 1)));
    if (compare(part(ours), part(stored), tolerance).misses === 0) continue;
    const why = choiceIsUnstable(note)
      ? contradictionOfImage(part(stored), image, feeds, configuration, tolerance)
      : 'the choice was stable';
    if (why !== undefined) return `image ${image}: ${why}`;
  }
  return undefined;
}

function contradictionOfImage(
  stored: Tensor,
  image: number,
  feeds: ProposalFeeds,
  { anchors, proposals }: NetworkConfiguration,
  tolerance: Tolerance,
): string | undefined {
  const settings = { featureStride: FEATURE_STRIDE, ...anchors, minSize: proposals.minSize };
  const { boxes, scores } = proposalCandidates(feeds, image, settings);
  const survivors = survivorsOf(stored);
  if (survivors === undefined) return 'the rows are not the survivors, repeated';
  const kept = survivors.map((row) => candidateOf(stored, row, boxes, scores, tolerance));
  const stranger = kept.indexOf(-1);
  if (stranger >= 0) return `region ${stranger} is none of the candidates`;
  const all = proposals.preNms >= scores.length;
  const least = all ? -Infinity : scores.toSorted().at(-proposals.preNms)!;
  return contradiction(boxes, scores, kept, {
    threshold: proposals.nmsThreshold,
    least,
    limit: proposals.postNms,
    ordered: true,
    scoreNoise: OBJECT_NOISE,
    overlapNoise: OVERLAP_NOISE,
  });
}

/** The rows before the list starts over, which it does where fewer boxes survive than there are rows. */
function survivorsOf({ shape, data }: Tensor): number[] | undefined {
  const [rows = 0, columns = 0] = shape;
  const same = (a: number, b: number): boolean =>
    data.subarray(a * columns, (a + 1) * columns).every((x, k) => x === data[b * columns + k]);
  const all = Array.from({ length: rows }, (_, row) => row);
  const count = all.find((row) => row > 0 && same(row, 0)) ?? rows;
  return all.every((row) => same(row, row % count)) ? all.slice(0, count) : undefined;
}

/** The best-scored candidate with this region's corners, -1 when there is none. */
function candidateOf(
  regions: Tensor,
  row: number,
  boxes: Tensor,
  scores: Float32Array,
  { absolute, relative }: Tolerance,
): number {
  const corners = regions.data.subarray(5 * row + 1, 5 * row + 5);
  let best = -1;
  for (let i = 0; i < scores.length; i++) {
    if (best >= 0 && scores[i]! <= scores[best]!) continue;
    const close = corners.every(
      (x, k) => Math.abs(boxes.data[4 * i + k]! - x) <= absolute + relative * Math.abs(x),
    );
    if (close) best = i;
  }
  return best;
}
