/** What the numbers of single layers say of a network. */
import { pair } from '../../src/ops/index.ts';
import type { Outcome } from './api.ts';
import type { LayerWork } from './work.ts';

export interface LayerResult {
  readonly layer: LayerWork;
  /** What came of it, or why nothing did. */
  readonly outcome: Outcome | { readonly failure: string };
}

export interface MeasuredLayer {
  readonly layer: LayerWork;
  readonly outcome: Outcome;
}

/** How many times as long as ours theirs takes. */
export const ratio = ({ ours, peer }: Outcome): number => peer / ours;

export function measured(results: readonly LayerResult[]): MeasuredLayer[] {
  return results.flatMap(({ layer, outcome }) => ('failure' in outcome ? [] : [{ layer, outcome }]));
}

/** How many times the measured time is taken for the whole network. */
function weight({ count, map, data }: LayerWork): number {
  return (count * map[0] * map[1]) / (data[2]! * data[3]!);
}

/** The ratio of the times of whole networks: every layer as often as it occurs, at its full size. */
export function weightedRatio(results: readonly MeasuredLayer[]): number {
  const time = (side: 'ours' | 'peer'): number =>
    results.reduce((sum, { layer, outcome }) => sum + weight(layer) * outcome[side], 0);
  return time('peer') / time('ours');
}

/** The layer where we gain least. */
export function worst(results: readonly MeasuredLayer[]): MeasuredLayer | undefined {
  return results.toSorted((a, b) => ratio(a.outcome) - ratio(b.outcome))[0];
}

/** `141x250 256→512 1x1 stride 2` */
export function describeLayer({ kind, weight, stride, dilation, map }: LayerWork): string {
  const [C, O] = kind === 'convolution' ? [weight[1], weight[0]] : [weight[0], weight[1]];
  const [down, apart] = [pair(stride)[0], pair(dilation)[0]];
  const extras = [
    kind === 'deconvolution' && 'deconvolution',
    down > 1 && `stride ${down}`,
    apart > 1 && `dilation ${apart}`,
  ].filter(Boolean);
  return [`${map[0]}x${map[1]} ${C}→${O} ${weight[2]}x${weight[3]}`, ...extras].join(' ');
}
