/** How much is measured. */
import type { Options } from './options.ts';

export interface Size {
  /** Multiply-adds that a layer may have. */
  readonly budget: number;
  /** The same, where our obvious kernels have to do it too. */
  readonly obviousBudget: number;
  /** Pixels of a frame's shorter side. */
  readonly shortSide: number;
}

const whole: Size = { budget: Infinity, obviousBudget: Infinity, shortSide: 562 };

/** A processor that draws gets less to do; a graphics card everything, unless a first look is enough. */
export function sizeFor(software: boolean, { quick, full }: Pick<Options, 'quick' | 'full'>): Size {
  if (full) return whole;
  if (!software) return quick ? { budget: 2e9, obviousBudget: 5e8, shortSide: 281 } : whole;
  return quick
    ? { budget: 4e7, obviousBudget: 4e6, shortSide: 150 }
    : { budget: 1e8, obviousBudget: 1e7, shortSide: 281 };
}

/** What is smaller than in the official setting, in words. */
export function reductions({ budget, obviousBudget, shortSide }: Size): string {
  if (budget === Infinity) return 'nothing';
  const million = (value: number): string => `${value / 1e6} million`;
  return (
    `layers to about ${million(budget)} multiply-adds by smaller maps, ${million(obviousBudget)} where our obvious ` +
    `kernels compute them too; frames to ${shortSide} pixels`
  );
}
