/**
 * Command lines. A command describes its options in one table, from which they are parsed, checked and explained in
 * `--help`; the type of what a command gets follows from the same table.
 */
import { parseArgs } from 'node:util';
import { match } from 'ts-pattern';
import { UsageError } from './failure.ts';
import { nearest } from './nearest.ts';

interface Described {
  readonly description: string;
}

interface Flag extends Described {
  readonly kind: 'flag';
}

export interface Text extends Described {
  readonly kind: 'text';
  readonly placeholder: string;
  readonly default?: string;
  readonly required?: true;
}

/** Several words, separated by commas. */
interface Names extends Described {
  readonly kind: 'names';
  readonly placeholder: string;
}

export interface Numeric extends Described {
  readonly kind: 'number' | 'integer';
  readonly placeholder: string;
  readonly default?: number;
  readonly least: number;
  readonly most: number;
}

export type Option = Flag | Text | Names | Numeric;
export type OptionTable = Readonly<Record<string, Option>>;

interface ValueOfKind {
  readonly flag: boolean;
  readonly text: string;
  readonly names: readonly string[];
  readonly number: number;
  readonly integer: number;
}

type ValueOf<O extends Option> =
  | ValueOfKind[O['kind']]
  | (O extends Flag | Names | { readonly default: string | number } | { readonly required: true }
      ? never
      : undefined);

/** What parsing a table gives. Flags are false and names empty when left out. */
export type OptionValues<T extends OptionTable> = { readonly [Name in keyof T]: ValueOf<T[Name]> };

/** Arguments without a name. Only the last may come more than once, or be left out. */
export interface Positional extends Described {
  readonly name: string;
  readonly many?: true;
  readonly optional?: true;
}

export interface ParsedArguments<T extends OptionTable> {
  readonly options: OptionValues<T>;
  readonly positionals: readonly string[];
}

/**
 * Parses and checks a command's arguments.
 *
 * @throws UsageError for unknown options (with the nearest known one as a hint), missing, surplus or repeated values, and
 * numbers out of range
 */
export function parseArguments<const T extends OptionTable>(
  args: readonly string[],
  table: T,
  expected: readonly Positional[],
): ParsedArguments<T> {
  const types = Object.entries<Option>(table).map(
    ([name, { kind }]) => [name, { type: kind === 'flag' ? 'boolean' : 'string' }] as const,
  );
  const options = Object.fromEntries(types);
  const { tokens } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const positionals: string[] = [];
  const given = new Map<string, unknown>();
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    else if (token.kind === 'option') {
      const option = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
      if (!option) throw unknownOption(token.rawName, Object.keys(table));
      // Two values would contradict each other; a flag can only repeat itself.
      if (option.kind !== 'flag' && given.has(token.name)) {
        throw new UsageError(`${token.rawName} is given twice, expected one value`);
      }
      given.set(token.name, readValue(token.rawName, option, token.value, token.inlineValue === true));
    }
  }
  checkPositionals(positionals, expected);
  const values = Object.entries<Option>(table).map(
    ([name, option]) => [name, given.has(name) ? given.get(name) : defaultOf(name, option)] as const,
  );
  return { options: Object.fromEntries(values) as OptionValues<T>, positionals };
}

function unknownOption(given: string, known: readonly string[]): UsageError {
  const meant = nearest(
    given,
    known.map((name) => `--${name}`),
  );
  return new UsageError(`unknown option ${given}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
}

function readValue(name: string, option: Option, value: string | undefined, inline: boolean): unknown {
  if (option.kind === 'flag') {
    if (value === undefined) return true;
    throw new UsageError(`${name} takes no value, got ${value}`);
  }
  // A following option is no value; a negative number is one, which the range then judges.
  const missing = value === undefined || value === '' || (!inline && /^-(?![\d.])./.test(value));
  if (missing) throw new UsageError(`${name} needs a value, ${name} ${option.placeholder}`);
  return match(option)
    .with({ kind: 'text' }, () => value)
    .with({ kind: 'names' }, ({ placeholder }) => readNames(name, value, placeholder))
    .with({ kind: 'number' }, { kind: 'integer' }, (numeric) => readNumber(name, value, numeric))
    .exhaustive();
}

function readNames(option: string, value: string, placeholder: string): readonly string[] {
  const names = value.split(',').map((name) => name.trim());
  if (names.includes('')) throw new UsageError(`${option} is ${value}, expected ${placeholder}`);
  return [...new Set(names)];
}

function readNumber(name: string, value: string, { kind, least, most }: Numeric): number {
  const number = value.trim() === '' ? NaN : Number(value);
  const fits = kind === 'integer' ? Number.isInteger(number) : Number.isFinite(number);
  if (fits && number >= least && number <= most) return number;
  throw new UsageError(`${name} is ${value}, expected ${describeRange(kind, least, most)}`);
}

/** `a whole number of at least 1`, `a number from 0 to 1` */
export function describeRange(kind: 'number' | 'integer', least: number, most: number): string {
  const what = kind === 'integer' ? 'a whole number' : 'a number';
  return most === Infinity ? `${what} of at least ${least}` : `${what} from ${least} to ${most}`;
}

function checkPositionals(given: readonly string[], expected: readonly Positional[]): void {
  const missing = expected[given.length];
  if (missing && !missing.optional)
    throw new UsageError(`${missing.name} is missing: ${missing.description}`);
  if (given.length > expected.length && expected.at(-1)?.many !== true) {
    throw new UsageError(`unexpected argument ${given[expected.length]}`);
  }
}

function defaultOf(name: string, option: Option): unknown {
  return match(option)
    .with({ kind: 'flag' }, () => false)
    .with({ kind: 'names' }, () => [])
    .with({ kind: 'number' }, { kind: 'integer' }, (numeric) => numeric.default)
    .with({ kind: 'text' }, (text) => {
      if (text.required) throw new UsageError(`--${name} is missing, --${name} ${text.placeholder}`);
      return text.default;
    })
    .exhaustive();
}
