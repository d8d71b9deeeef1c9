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

/** How many layers of the network, at full size, the measured time stands for. */
function weight({ count, rows: [some, all] }: LayerWork): number {
  return (count * all) / some;
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

/** `1x64x141x250 -> 256 1x1 stride 2` in short. */
export function describeLayer({ kind, data, weight, stride, dilation, rows }: LayerWork): string {
  const [C, O] = kind === 'convolution' ? [weight[1], weight[0]] : [weight[0], weight[1]];
  const [down, apart] = [pair(stride)[0], pair(dilation)[0]];
  const extras = [
    kind === 'deconvolution' && 'deconvolution',
    down > 1 && `stride ${down}`,
    apart > 1 && `dilation ${apart}`,
  ].filter(Boolean);
  return [`${rows[1]}x${data[3]} ${C}→${O} ${weight[2]}x${weight[3]}`, ...extras].join(' ');
}
