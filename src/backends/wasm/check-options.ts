/** Options of the backend, which come from outside and perhaps without types. */
import { DffError } from '../../tensor/errors.ts';
import type { WasmOptions } from './index.ts';

/** More than any machine here has cores; each worker costs memory of its own. */
export const MOST_THREADS = 256;

/** For each option what it may be. */
const rules: {
  readonly [K in keyof Required<WasmOptions>]: readonly [
    isRight: (value: unknown) => boolean,
    expected: string,
  ];
} = {
  threads: [(value) => isWhole(value, MOST_THREADS), `a whole number from 1 to ${MOST_THREADS}`],
  simd: [oneOf('plain', 'relaxed', 'best', 'fastest'), 'plain, relaxed, best or fastest'],
  precise: [oneOf(true, false), 'true or false'],
  memory: [oneOf('normal', 'low'), 'normal or low'],
  fallback: [oneOf('reference'), 'reference, or nothing'],
  tileShape: [isTile, '{ pixels: 1 to 8, unrolled: true or false }'],
};

/** @throws DffError for the first option that does not exist or makes no sense */
export function checkOptions(options: WasmOptions): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new DffError(`backend wasm: the options are ${shown(options)}, expected an object`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, name)) {
      throw new DffError(`backend wasm: there is no option ${name}, only ${Object.keys(rules).join(', ')}`);
    }
    const [isRight, expected] = rules[name as keyof WasmOptions];
    if (value === undefined || isRight(value)) continue;
    throw new DffError(`backend wasm: ${name} is ${shown(value)}, expected ${expected}`);
  }
}

function oneOf(...values: readonly unknown[]): (value: unknown) => boolean {
  return (value) => values.includes(value);
}

function isWhole(value: unknown, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;
}

function isTile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { pixels, unrolled } = value as { readonly pixels?: unknown; readonly unrolled?: unknown };
  return isWhole(pixels, 8) && typeof unrolled === 'boolean';
}

/** A value as it may be written, so that the text 2 is not taken for the number. */
function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value));
}
