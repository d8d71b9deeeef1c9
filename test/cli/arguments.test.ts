import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { nearest } from '../../src/cli/nearest.ts';
import { commandHelp } from '../../src/cli/help.ts';

const table = {
  fast: { kind: 'flag', description: 'Hurry.' },
  model: { kind: 'text', placeholder: 'FILE', required: true, description: 'The model.' },
  backend: { kind: 'text', placeholder: 'NAME', default: 'reference', description: 'What computes.' },
  out: { kind: 'text', placeholder: 'FILE', description: 'Where to.' },
  dump: { kind: 'names', placeholder: 'A,B', description: 'What to keep.' },
  score: { kind: 'number', placeholder: 'S', default: 0.7, least: 0, most: 1, description: 'Least score.' },
  frames: { kind: 'integer', placeholder: 'N', least: 1, most: Infinity, description: 'How many.' },
} as const;
const places = [
  { name: 'FIRST', description: 'the first file' },
  { name: 'REST', description: 'the other files', many: true },
] as const;

const parse = (...args: string[]): ReturnType<typeof parseArguments<typeof table>> =>
  parseArguments(args, table, places);

test('options are read as text, numbers, names and flags, in both spellings and any order', () => {
  const { options, positionals } = parse(
    'a',
    '--model',
    'm',
    '--score=0.25',
    'b',
    '--fast',
    '--dump',
    'x,y,x',
    'c',
    '--frames',
    '3',
  );
  expect(positionals).toEqual(['a', 'b', 'c']);
  expect(options).toEqual({
    fast: true,
    model: 'm',
    backend: 'reference',
    out: undefined,
    dump: ['x', 'y'],
    score: 0.25,
    frames: 3,
  });
});

test('what is left out has its default', () => {
  const { options } = parse('a', 'b', '--model', 'm');
  expect(options).toMatchObject({ fast: false, dump: [], score: 0.7, frames: undefined });
});

test('after -- everything is a file', () => {
  expect(parse('--model', 'm', '--', '--fast', '-x').positionals).toEqual(['--fast', '-x']);
});

test.each([
  [['a', 'b', '--modle', 'm'], 'unknown option --modle; did you mean --model?'],
  [['a', 'b', '--model', 'm', '--zebra'], /^unknown option --zebra$/],
  [['a', 'b', '--model'], '--model needs a value, --model FILE'],
  [['a', 'b', '--model', '--fast'], '--model needs a value, --model FILE'],
  [['a', 'b', '--model='], '--model needs a value, --model FILE'],
  [['a', 'b'], '--model is missing, --model FILE'],
  [['a', '--model', 'm'], 'REST is missing: the other files'],
  [['a', 'b', '--model', 'm', '--fast=1'], '--fast takes no value, got 1'],
  [['a', 'b', '--model', 'm', '--score', '1.5'], '--score is 1.5, expected a number from 0 to 1'],
  [['a', 'b', '--model', 'm', '--score', '-1'], '--score is -1, expected a number from 0 to 1'],
  [['a', 'b', '--model', 'm', '--score', 'NaN'], '--score is NaN, expected a number from 0 to 1'],
  [['a', 'b', '--model', 'm', '--score', ' '], '--score is  , expected a number from 0 to 1'],
  [['a', 'b', '--model', 'm', '--frames', '2.5'], '--frames is 2.5, expected a whole number of at least 1'],
  [['a', 'b', '--model', 'm', '--frames', '0'], '--frames is 0, expected a whole number of at least 1'],
  [['a', 'b', '--model', 'm', '--frames', 'Infinity'], '--frames is Infinity, expected a whole number'],
  [['a', 'b', '--model', 'm', '--dump', 'x,,y'], '--dump is x,,y, expected A,B'],
])('%j is refused with a sentence', (args, message) => {
  expect(() => parse(...args)).toThrow(message);
});

test('a surplus argument is refused where the last does not repeat', () => {
  expect(() => parseArguments(['a', 'b'], {}, [{ name: 'A', description: 'one' }])).toThrow(
    'unexpected argument b',
  );
});

test('whatever the arguments, they are read or refused with one line', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '--',
      '-',
      '--model',
      '--score',
      '--fast',
      '--dump',
      '--__proto__',
      '--constructor',
      '-abc',
      '--model=x',
    ),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (args) => {
      try {
        parse(...args);
      } catch (error) {
        expect((error as Error).name).toBe('UsageError');
      }
    }),
  );
});

test('help shows every option with range and default', () => {
  const subject = { name: 'x', summary: 'Do x.', positionals: places, options: table, examples: [] };
  const help = commandHelp(subject);
  expect(help).toContain('Usage: dff x FIRST REST... [options]');
  for (const name of Object.keys(table)) expect(help).toContain(`--${name}`);
  expect(help).toContain('Least score. A number from 0 to 1. Default 0.7.');
  expect(help).toContain('The model. Required.');
  for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});

test('the nearest word is found by the number of changes, and not guessed', () => {
  const known = ['convert', 'inspect', 'detect', 'doctor'];
  expect(['detct', 'DETECT', 'doktor', 'insepct'].map((word) => nearest(word, known))).toEqual([
    'detect',
    'detect',
    'doctor',
    'inspect',
  ]);
  expect(nearest('zebra', known)).toBeUndefined();
  expect(nearest('x', [])).toBeUndefined();
});
