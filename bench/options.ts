/** What `npm run bench` was asked for. */
import { parseArgs } from 'node:util';

export const usage = `npm run bench -- [options]
  --layers   every distinct convolution of the networks, against TensorFlow.js on the CPU
  --stages   the stages of the key and current graphs
             (both when neither is given)
  --full     stages of the full-size network instead of one with a quarter of the channels
  --quick    smaller pieces and fewer repetitions
  --json     one JSON object instead of tables
  --help     this text`;

export interface Options {
  readonly layers: boolean;
  readonly stages: boolean;
  readonly full: boolean;
  readonly quick: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

export function readOptions(args: readonly string[]): Options {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { layers: flag, stages: flag, full: flag, quick: flag, json: flag, help: flag },
  });
  const both = !values.layers && !values.stages;
  return { ...values, layers: values.layers || both, stages: values.stages || both };
}
