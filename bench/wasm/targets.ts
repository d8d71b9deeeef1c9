/** What is aimed at. */
export interface Target {
  readonly unit: 'times' | '%' | 'GB' | 's' | 'MB';
  readonly least: number;
  readonly aim: number;
}

export type Aim =
  | 'feature'
  | 'flow'
  | 'tensorflow'
  | 'winograd'
  | 'single'
  | 'products'
  | 'threads'
  | 'video'
  | 'memory'
  | 'low memory'
  | 'start'
  | 'growth';

const times = (least: number, aim: number): Target => ({ unit: 'times', least, aim });

/** Engines before version 12 of V8 (Node 20) give kernels fewer registers. */
const modern = Number.parseInt(process.versions.v8, 10) >= 12;

/** Of times and percentages, at least; of memory and seconds, at most. */
export const targets: Readonly<Record<Aim, Target>> = {
  feature: times(2.6, 3.2),
  flow: times(2.3, 3),
  tensorflow: times(2.3, 3),
  winograd: times(4.5, 6),
  single: times(1, 1.3),
  products: modern ? { unit: '%', least: 86, aim: 95 } : { unit: '%', least: 76, aim: 90 },
  threads: times(1.85, 1.95),
  video: times(5, 5.85),
  memory: { unit: 'GB', least: 1.6, aim: 1.2 },
  'low memory': { unit: 'GB', least: 1, aim: 0.8 },
  start: { unit: 's', least: 4, aim: 1.5 },
  growth: { unit: 'MB', least: 0, aim: 0 },
};

export type Verdict = 'reached' | 'enough' | 'missed';

export function verdict(value: number, { unit, least, aim }: Target): Verdict {
  const better = unit === 'times' || unit === '%' ? 1 : -1;
  if (better * value >= better * aim) return 'reached';
  return better * value >= better * least ? 'enough' : 'missed';
}
