/** Instructions on what threads share. On memory that is not shared they are ordinary accesses, but nobody can wait. */
import {
  type Expression,
  expression,
  type I32,
  memoryArgument,
  operand,
  type Statement,
  statement,
  unsigned,
} from './expressions.ts';

const PREFIX = 0xfe;
/** Atomic accesses must be aligned, and say so. */
const word = memoryArgument(0, 2);

const code = (value: I32): readonly number[] => operand('i32', value).code;

export const atomics: {
  readonly load: (address: I32) => Expression<'i32'>;
  readonly store: (address: I32, value: I32) => Statement;
  /** Adds and gives what was there before. */
  readonly add: (address: I32, value: I32) => Expression<'i32'>;
  /** Wakes everybody who waits at the address, and gives how many. */
  readonly notifyAll: (address: I32) => Expression<'i32'>;
  /** Sleeps while the word has the expected value, until woken or for so many nanoseconds. */
  readonly wait: (address: I32, expected: I32, nanoseconds: number) => Expression<'i32'>;
} = {
  load: (address) => expression('i32', code(address), [PREFIX, 0x10], word),
  store: (address, value) => statement(code(address), code(value), [PREFIX, 0x17], word),
  add: (address, value) => expression('i32', code(address), code(value), [PREFIX, 0x1e], word),
  notifyAll: (address) => expression('i32', code(address), code(-1), [PREFIX, 0], word),
  wait: (address, expected, nanoseconds) =>
    expression('i32', code(address), code(expected), [0x42, ...positive64(nanoseconds)], [PREFIX, 1], word),
};

/** LEB128 of a positive integer as i64, whose last byte must leave the sign's bit 0. */
function positive64(value: number): readonly number[] {
  const bytes = unsigned(value);
  const last = bytes.at(-1)!;
  return last < 64 ? bytes : [...bytes.slice(0, -1), last + 128, 0];
}
