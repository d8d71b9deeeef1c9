/** Python literals: any text gives a value; a value that is written again reads the same. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { pythonLiteral } from '../../../weights-converter/index.ts';
import { anyText } from '../any-text.ts';
import { demand, type Target } from '../target.ts';

type Literal = ReturnType<typeof pythonLiteral>;

const tokens: readonly string[] = [
  ...['(', ')', '[', ']', ',', ', ', ' ', '\n', "'", '"', '\\', 'L', '-', '+', '.', 'e', '0x', '#'],
  ...[
    'None',
    'True',
    'False',
    'max',
    'nan',
    'inf',
    '0',
    '1',
    '3',
    '-1',
    '0.5',
    '1e-05',
    '1e999',
    '00',
    '1_000',
  ],
  ...["'a'", '"b"', '(3, 3)', '(1,)', '()', '[]', '__proto__', '\u{1f600}', '\u0000', '٣'],
];

const blank = fc.constantFrom('', '', ' ', '\n ');

/** Literals as Python, or MXNet, may write them. */
const { literal } = fc.letrec<{ literal: string; list: string }>((tie) => ({
  literal: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom('None', 'True', 'False', '1L', '-0', '+3', '.5', '5.', '1e-05', '1E+30', '""', "'\\''"),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.integer().map(String),
    fc.string({ maxLength: 6 }).map((text) => `'${text.replaceAll(/[\\']/g, '\\$&')}'`),
    tie('list'),
  ),
  list: fc
    .tuple(
      fc.boolean(),
      fc.array(fc.tuple(blank, tie('literal'), blank), { maxLength: 5 }),
      fc.constantFrom('', ','),
    )
    .map(([round, items, end]) => {
      const inside = items.map((parts) => parts.join('')).join(',') + (items.length > 0 ? end : '');
      return round ? `(${inside})` : `[${inside}]`;
    }),
}));

const cases: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: literal },
  {
    weight: 6,
    arbitrary: fc
      .array(fc.constantFrom(...tokens), { maxLength: 12, size: 'max' })
      .map((all) => all.join('')),
  },
  { weight: 2, arbitrary: anyText(30) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...tokens), fc.constantFrom(10, 17, 100, 5000, 30_000))
      .map(([token, times]) => token.repeat(times)),
  },
);

export function literalTarget(): Target<string> {
  return {
    name: 'literal',
    cases,
    valid: ['(3, 3)', '1', 'True', "'a'"],
    attempt: async (text) => {
      const value = pythonLiteral(text);
      demand(
        isDeepStrictEqual(pythonLiteral(written(value, text)), value),
        () => 'written and read again it is not the same',
      );
      const plain = listOfNumbers(text);
      demand(
        plain === undefined || isDeepStrictEqual(value, plain),
        () => `JSON reads ${JSON.stringify(plain)}`,
      );
      return typeof value !== 'string' || value !== text;
    },
    allowance: () => 32e6,
    describe: (text) =>
      JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text),
    shortRuns: 20_000,
  };
}

/** As Python writes it; text that is no literal as it is. */
function written(value: Literal, whole?: string): string {
  if (value === whole) return whole;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number')
    return Number.isFinite(value) ? pythonNumber(value) : `${value > 0 ? '' : '-'}1e999`;
  if (typeof value === 'string') return `'${value.replaceAll(/[\\']/g, '\\$&')}'`;
  return `[${value.map((item) => written(item)).join(', ')}]`;
}

const pythonNumber = (value: number): string => (Object.is(value, -0) ? '-0.0' : String(value));

/** A flat list of plain numbers, which JSON and Python write in the same way. */
function listOfNumbers(text: string): unknown {
  const number = String.raw`-?(?:0|[1-9]\d{0,8})(?:\.\d+)?`;
  if (!new RegExp(`^\\[(?:${number}(?:, ${number})*)?\\]$`).test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
