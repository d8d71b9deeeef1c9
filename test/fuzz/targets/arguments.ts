/** Command lines of every command: understood or refused in one line; what was understood means the same when spelled out. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { Option } from '../../../src/cli/arguments.ts';
import type { Command } from '../../../src/cli/command.ts';
import { convertCommand } from '../../../src/cli/commands/convert.ts';
import { detectCommand } from '../../../src/cli/commands/detect.ts';
import { doctorCommand } from '../../../src/cli/commands/doctor.ts';
import { exportCommand } from '../../../src/cli/commands/export.ts';
import { inspectCommand } from '../../../src/cli/commands/inspect.ts';
import { describeFailure, UsageError } from '../../../src/cli/failure.ts';
import { anyText } from '../any-text.ts';
import { demand, type Target, unprintable } from '../target.ts';

const commands: readonly Command[] = [
  convertCommand,
  detectCommand,
  doctorCommand,
  exportCommand,
  inspectCommand,
];

interface CommandLine {
  readonly command: number;
  readonly args: readonly string[];
}

const names: readonly string[] = commands.flatMap(({ options }) =>
  Object.keys(options).map((name) => `--${name}`),
);

const words: readonly string[] = [
  ...[
    'a.params',
    'b.safetensors',
    'clip',
    '.',
    '',
    '-',
    '--',
    '---',
    '=',
    '--=',
    '-h',
    '-x',
    '-xyz',
    '--no-quiet',
  ],
  ...[
    '0',
    '1',
    '-1',
    '-5',
    '.5',
    '-.5',
    '0x10',
    '1e3',
    '1e999',
    'NaN',
    'Infinity',
    '010',
    ' 7 ',
    '9007199254740993',
  ],
  ...[
    'a,b',
    ',',
    'a,,b',
    'a, a',
    '--__proto__',
    '--constructor=1',
    '--toString',
    '__proto__',
    '\u0000',
    '\u001b[2J',
  ],
  ...['\n', '\u{1f600}', '\ud800', '--\u202e', 'a'.repeat(3000), `--${'q'.repeat(3000)}`],
];

const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...words) },
  { weight: 8, arbitrary: fc.constantFrom(...names) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom(...names), fc.constantFrom(...words)).map((pair) => pair.join('=')),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...names), fc.nat(20)).map(([name, k]) => name.slice(0, k)),
  },
  { weight: 1, arbitrary: anyText(8) },
);

export function argumentsTarget(): Target<CommandLine> {
  return {
    name: 'arguments',
    cases: fc.record({
      command: fc.nat(commands.length - 1),
      args: fc.array(word, { maxLength: 8, size: 'max' }),
    }),
    valid: [
      { command: 0, args: ['a.params', 'b.safetensors', '--generic'] },
      { command: 1, args: ['--model=m', 'clip', '--score', '0.5'] },
    ],
    attempt: async ({ command: index, args }) => {
      const command = commands[index]!;
      const parsed = understood(() => command.parse(args));
      if (parsed === undefined) return false;
      for (const [name, value] of Object.entries(parsed.options))
        checkValue(command.options[name]!, value, name);
      const again = command.parse(spelledOut(command, parsed));
      demand(isDeepStrictEqual(again, parsed), () => 'spelled out it means something else');
      return true;
    },
    allowance: () => 32e6,
    describe: ({ command, args }) => `dff ${commands[command]!.name} ${args.map(shown).join(' ')}`,
    shortRuns: 8000,
  };
}

const shown = (arg: string): string =>
  JSON.stringify(arg.length > 60 ? `${arg.slice(0, 60)}… (${arg.length} characters)` : arg);

function understood<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const { message, exitCode } = describeFailure(error);
    demand(!unprintable.test(message), () => 'a message with control characters');
    demand(exitCode === 2 && message !== '', () => `exit code ${exitCode}`);
    return undefined;
  }
}

function checkValue(option: Option, value: unknown, name: string): void {
  const fits =
    option.kind === 'flag'
      ? typeof value === 'boolean'
      : option.kind === 'names'
        ? Array.isArray(value) && value.every((each) => typeof each === 'string' && each.trim() !== '')
        : option.kind === 'text'
          ? value === undefined || (typeof value === 'string' && value !== '')
          : value === undefined || inRange(value, option.least, option.most);
  demand(fits, () => `--${name} is ${JSON.stringify(value)}`);
}

const inRange = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && value >= least && value <= most;

type Parsed = ReturnType<Command['parse']>;

/** Every option with its value in one argument, then `--`, so that nothing is left to interpretation. */
function spelledOut(command: Command, { options, positionals }: Parsed): string[] {
  const given = Object.entries(options).flatMap(([name, value]) => {
    if (command.options[name]!.kind === 'flag') return value === true ? [`--${name}`] : [];
    const text = Array.isArray(value) ? value.join(',') : String(value);
    return value === undefined || text === '' ? [] : [`--${name}=${text}`];
  });
  return [...given, '--', ...positionals];
}
