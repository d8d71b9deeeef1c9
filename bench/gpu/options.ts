/** What `npm run bench:gpu` was asked for. */
import { parseArgs } from 'node:util';
import { chosen, count } from '../choices.ts';
import type { Mode } from './api.ts';

export type Part = 'resnet' | 'flownet' | 'heads' | 'obvious' | 'warp' | 'psroi' | 'detector';
export const parts: readonly Part[] = ['resnet', 'flownet', 'heads', 'obvious', 'warp', 'psroi', 'detector'];
export const modes: readonly Mode[] = ['webgl2', 'webgpu'];

export const usage: string = `npm run bench:gpu -- [options]
  --mode LIST     of ${modes.join(',')}                        (default both)
  --only LIST     of ${parts.join(',')}   (default all)
  --layers N      the first N distinct shapes of each network
  --filter TEXT   layers with this in their name or shape
  --rounds N      measurements of each side                   (default 5)
  --quick         smaller maps: a first look
  --full          whole maps, also where the processor draws: hours
  --software      do not look for a graphics card
  --json FILE     all numbers, as JSON
  --help          this text`;

export interface Options {
  readonly mode: readonly Mode[];
  readonly only: readonly Part[];
  readonly layers: number;
  readonly filter: string;
  readonly rounds: number;
  readonly quick: boolean;
  readonly full: boolean;
  readonly software: boolean;
  readonly json?: string;
  readonly help: boolean;
}

/** @throws Error for what makes no sense, in one line */
export function readOptions(args: readonly string[]): Options {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ mode: text, only: text, layers: text, filter: text, rounds: text, json: text },
      ...{ quick: flag, full: flag, software: flag, help: flag },
    },
  });
  const { quick, full, software, help, json } = values;
  if (quick && full) throw new Error('--quick and --full: choose one');
  return {
    ...{ quick, full, software, help },
    mode: chosen('--mode', values.mode, modes),
    only: chosen('--only', values.only, parts),
    layers: values.layers === undefined ? Infinity : count('--layers', values.layers),
    filter: values.filter ?? '',
    rounds: count('--rounds', values.rounds ?? '5'),
    ...(json !== undefined && { json }),
  };
}
