/** What the measuring process and its children tell each other. Every part is measured in a process of its own. */
import type { Aim } from './targets.ts';

export type Part =
  'feature' | 'flow' | 'layers' | 'products' | 'frames' | 'video' | 'memory' | 'start' | 'growth' | 'mxnet';

export const parts: readonly Part[] = [
  'feature',
  'flow',
  'layers',
  'products',
  'frames',
  'video',
  'memory',
  'start',
  'growth',
  'mxnet',
];

/** What a child is to measure. */
export interface Work {
  readonly part: Part;
  /** The peers cannot change it within a process. */
  readonly threads: number;
  readonly rounds: number;
  readonly quick: boolean;
  /** Layers with this in their name or shape. */
  readonly filter: string;
  /** Which variant of a part, where it has several that need a process each. */
  readonly variant?: string;
}

/** A line of the summary. */
export interface Finding {
  readonly what: string;
  readonly threads: number;
  readonly value: number;
  readonly aim?: Aim;
  /** What the number does not say. */
  readonly note?: string;
}

export interface Answer {
  /** For people: tables and remarks. */
  readonly text: string;
  readonly findings: readonly Finding[];
  /** All numbers, for `--json`. */
  readonly data: unknown;
}
