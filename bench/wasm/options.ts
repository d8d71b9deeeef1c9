/** What `npm run bench:wasm` was asked for. */
import { parseArgs } from 'node:util';
import { chosen, count } from '../choices.ts';
import { type Part, parts } from './api.ts';

export const usage: string = `npm run bench:wasm -- [options]
  --only LIST     of ${parts.join(',')}
                  (default all)
  --threads LIST  thread counts of the whole networks         (default 1,2)
  --rounds N      measurements of each side                   (default 5)
  --filter TEXT   layers with this in their name or shape
  --quick         a narrow network and small frames: a first look, which says nothing of speed
  --json FILE     all numbers, as JSON
  --help          this text`;

export interface Options {
  readonly only: readonly Part[];
  readonly threads: readonly number[];
  readonly rounds: number;
  readonly filter: string;
  readonly quick: boolean;
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
      ...{ only: text, threads: text, rounds: text, filter: text, json: text },
      ...{ quick: flag, help: flag },
    },
  });
  const { quick, help, json, filter = '' } = values;
  return {
    ...{ quick, help, filter },
    only: chosen('--only', values.only, parts),
    threads: (values.threads ?? '1,2').split(',').map((text) => count('--threads', text)),
    rounds: count('--rounds', values.rounds ?? (quick ? '2' : '5')),
    ...(json !== undefined && { json }),
  };
}
