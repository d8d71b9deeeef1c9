/** The numbers as text. */
import { table } from '../table.ts';
import type { Mode, Outcome } from './api.ts';
import {
  describeLayer,
  type LayerResult,
  measured,
  ratio,
  type MeasuredLayer,
  weightedRatio,
  worst,
} from './results.ts';
import { type Aim, targetOf } from './targets.ts';

/** A line of the summary. */
export interface Finding {
  readonly what: string;
  readonly mode: Mode;
  readonly ratio: number;
  readonly aim?: Aim;
  /** What the number does not say. */
  readonly note?: string;
}

const times = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

export function layerTable(results: readonly LayerResult[], peer: string): string {
  const header = ['count', 'first', 'layer', 'measured', 'ours ms', `${peer} ms`, 'ratio'];
  const rows = results.map(({ layer, outcome }) => {
    const [rows, columns] = layer.data.slice(2) as [number, number];
    const part = rows === layer.map[0] && columns === layer.map[1] ? 'all' : `${rows}x${columns}`;
    const start = [layer.count, layer.name, describeLayer(layer), part];
    if ('failure' in outcome) return [...start, '', '', outcome.failure];
    return [...start, times(outcome.ours), times(outcome.peer), ratio(outcome).toFixed(2)];
  });
  return table(header, rows);
}

export function outcomeLine(what: string, peer: string, outcome: Outcome): string {
  const { ours, peer: theirs } = outcome;
  return `${what}: ours ${times(ours)} ms, ${peer} ${times(theirs)} ms, ratio ${ratio(outcome).toFixed(2)}`;
}

/** The weighted ratio of a network, with what is missing from it. */
export function networkFinding(
  what: string,
  mode: Mode,
  aim: Aim | undefined,
  results: readonly LayerResult[],
): Finding | undefined {
  const known = measured(results);
  if (known.length === 0) return undefined;
  const missing = results.length - known.length;
  const slowest = describe(worst(known)!);
  const note = missing > 0 ? `without ${missing} that failed; worst: ${slowest}` : `worst: ${slowest}`;
  return { what, mode, ratio: weightedRatio(known), ...(aim && { aim }), note };
}

/** The one layer of all in which we gain least. */
export function singleFinding(mode: Mode, results: readonly LayerResult[]): Finding | undefined {
  const found = worst(measured(results));
  if (!found) return undefined;
  return {
    what: 'any single layer',
    mode,
    ratio: ratio(found.outcome),
    aim: 'single',
    note: describe(found),
  };
}

const describe = ({ layer, outcome }: MeasuredLayer): string =>
  `${layer.name} (${describeLayer(layer)}) ${ratio(outcome).toFixed(2)}`;

export function summary(findings: readonly Finding[]): string {
  const rows = findings.map(({ what, mode, ratio, aim, note = '' }) => {
    const target = aim && targetOf(aim, mode);
    if (!target) return [what, mode, ratio.toFixed(2), '', '', '', note];
    const verdict = ratio >= target.aim ? 'reached' : ratio >= target.least ? 'enough' : 'too slow';
    return [what, mode, ratio.toFixed(2), target.least, target.aim, verdict, note];
  });
  return table(['what', 'mode', 'ratio', 'at least', 'aim', 'verdict', ''], rows);
}
