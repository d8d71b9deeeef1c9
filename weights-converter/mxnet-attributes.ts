/**
 * Attributes of an MXNet operator, read one by one: with MXNet's default where one is left out, with a clear error where
 * one does not fit, and with none overlooked.
 */
import { FormatError } from '../src/tensor/index.ts';

/** An attribute value: a Python literal read as JSON. */
export type MxnetValue = number | string | boolean | null | readonly MxnetValue[];

export type MxnetAttributes = Readonly<Record<string, MxnetValue>>;

/** Attributes that only repeat what the shapes say, or choose a kernel. */
const redundant =
  /^(num_filter|num_args|no_bias|workspace|cudnn_.*|layout|num_anchors|num_classes|output_score|__.*__|lr_mult|wd_mult)$/;

/** Takes attributes by name, and finds those that nobody took. */
export class AttributeReader {
  readonly #values: MxnetAttributes;
  readonly #where: string;
  readonly #left: Set<string>;

  constructor(where: string, values: MxnetAttributes) {
    this.#where = where;
    this.#values = values;
    this.#left = new Set(Object.keys(values).filter((name) => !redundant.test(name)));
  }

  #take<T>(
    name: string,
    expected: string,
    fits: (value: MxnetValue) => T | undefined,
    fallback: T | undefined,
  ): T {
    this.#left.delete(name);
    const value = this.#values[name];
    if (value === undefined && fallback !== undefined) return fallback;
    const result = value === undefined ? undefined : fits(value);
    if (result !== undefined) return result;
    throw new FormatError(
      `${this.#where}: attribute ${name} is ${JSON.stringify(value)}, expected ${expected}`,
    );
  }

  number(name: string, fallback?: number): number {
    return this.#take(name, 'a number', (v) => (typeof v === 'number' ? v : undefined), fallback);
  }

  boolean(name: string, fallback = false): boolean {
    const fits = (v: MxnetValue): boolean | undefined =>
      v === 1 || v === 0 ? v === 1 : typeof v === 'boolean' ? v : undefined;
    return this.#take(name, 'True or False', fits, fallback);
  }

  numbers(name: string, fallback?: readonly number[]): readonly number[] {
    const fits = (v: MxnetValue): readonly number[] | undefined => {
      if (typeof v === 'number') return [v];
      return Array.isArray(v) && v.every((n) => typeof n === 'number') ? v : undefined;
    };
    return this.#take(name, 'a tuple of numbers', fits, fallback);
  }

  numbersOrNull(name: string, fallback?: readonly (number | null)[]): readonly (number | null)[] {
    const fits = (v: MxnetValue): readonly (number | null)[] | undefined =>
      Array.isArray(v) && v.every((n) => typeof n === 'number' || n === null) ? v : undefined;
    return this.#take(name, 'a tuple of numbers or None', fits, fallback);
  }

  pair(name: string, fallback?: number): readonly [number, number] {
    const [y, x, ...more] = this.numbers(name, fallback === undefined ? undefined : [fallback, fallback]);
    if (y !== undefined && x !== undefined && more.length === 0) return [y, x];
    throw new FormatError(
      `${this.#where}: attribute ${name} is ${JSON.stringify(this.#values[name])}, expected two numbers`,
    );
  }

  /** One of a few words, translated. */
  choice<T extends string>(name: string, words: Readonly<Record<string, T>>, fallback?: T): T {
    const fits = (v: MxnetValue): T | undefined => (v === null ? words['null'] : words[String(v)]);
    return this.#take(name, Object.keys(words).join(' or '), fits, fallback);
  }

  numberOrNull(name: string): number | null {
    if (this.#values[name] !== null) return this.number(name);
    this.#left.delete(name);
    return null;
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  finish(): void {
    const [stranger] = this.#left;
    if (stranger === undefined) return;
    const value = JSON.stringify(this.#values[stranger]);
    throw new FormatError(`${this.#where}: attribute ${stranger} = ${value} is not supported`);
  }
}
