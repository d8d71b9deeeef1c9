/** What `npm run fuzz` was asked for. */
import { type OptionTable, parseArguments } from '../../src/cli/arguments.ts';
import { UsageError } from '../../src/cli/failure.ts';
import { targetNames } from './targets/index.ts';

const table = {
  minutes: {
    kind: 'number',
    placeholder: 'M',
    least: 0,
    most: 1e5,
    description: 'How long, shared by the targets. Default 10, when --runs is not given.',
  },
  runs: {
    kind: 'integer',
    placeholder: 'N',
    least: 1,
    most: 1e9,
    description: 'Cases of each target instead of a time.',
  },
  seed: {
    kind: 'integer',
    placeholder: 'S',
    least: 0,
    most: 0x7fff_ffff,
    description: 'Where to begin. The same seed gives the same cases. Default: by the clock.',
  },
  target: {
    kind: 'names',
    placeholder: 'NAME,...',
    description: `Some of: ${targetNames.join(', ')}. Default: all.`,
  },
  path: { kind: 'text', placeholder: 'PATH', description: 'One case of a seed, as a failure names it.' },
  slowest: {
    kind: 'number',
    placeholder: 'MS',
    default: 5000,
    least: 1,
    most: 1e9,
    description: 'A case that takes longer fails.',
  },
  verbose: { kind: 'flag', description: 'Also print the slowest and the largest case of each target.' },
  help: { kind: 'flag', description: 'Show this.' },
} as const satisfies OptionTable;

export interface FuzzOptions {
  readonly minutes: number | undefined;
  readonly runs: number | undefined;
  readonly seed: number | undefined;
  readonly target: readonly string[];
  readonly path: string | undefined;
  readonly slowest: number;
  readonly verbose: boolean;
  readonly help: boolean;
}

export const usage: string = [
  'npm run fuzz -- [options]',
  ...Object.entries(table).map(([name, option]) => {
    const value = 'placeholder' in option ? ` ${option.placeholder}` : '';
    return `  ${`--${name}${value}`.padEnd(18)} ${option.description}`;
  }),
].join('\n');

/** @throws UsageError when they make no sense */
export function readOptions(args: readonly string[]): FuzzOptions {
  const { options } = parseArguments(args, table, []);
  const unknown = options.target.find((name) => !targetNames.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`--target is ${unknown}, expected some of ${targetNames.join(', ')}`);
  if (options.path !== undefined && (options.target.length !== 1 || options.seed === undefined)) {
    throw new UsageError('--path needs --seed and one --target');
  }
  return options;
}
