/** What can be fuzzed: where cases come from, what is done with one, and what must hold. */
import type fc from 'fast-check';
import { type ByteSource, bytesSource, DffError, elementCount, type Tensor } from '../../src/tensor/index.ts';
import { describeDamage } from './describe-damage.ts';
import { damaged, damages, intact, type Damage, type Sample } from './mutations.ts';

export interface Target<Case = unknown> {
  readonly name: string;
  readonly cases: fc.Arbitrary<Case>;
  /** Cases that must be accepted: intact files. */
  readonly valid: readonly Case[];
  /** Whether a case was accepted. Throws a Violation, or anything that is no error of this package, when it is a bug. */
  readonly attempt: (input: Case) => Promise<boolean>;
  /** Bytes of memory that a case may take at most. */
  readonly allowance: (input: Case) => number;
  /** For people. */
  readonly describe: (input: Case) => string;
  /** Runs of the short form, so that it takes about two seconds. */
  readonly shortRuns: number;
}

/** A property that does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

export function demand(holds: boolean, statement: () => string): void {
  if (!holds) throw new Violation(statement());
}

/** Messages are read in terminals and logs: longer ones are no help, and what files say must not steer them. */
const LONGEST_MESSAGE = 1500;

/** What would move the cursor of a terminal or break a line of a log. */
export const unprintable: RegExp = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** What a function gives; undefined when it refuses with a proper error of this package. */
export async function accepted<T>(work: () => Promise<T> | T): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DffError)) throw error;
    const { message } = error;
    const odd = unprintable.exec(message);
    demand(odd === null, () => `a message with the control character ${JSON.stringify(odd![0])}`);
    demand(message.length <= LONGEST_MESSAGE, () => `a message of ${message.length} characters`);
    demand(/^[^:].*: ./.test(message), () => `a message that does not say where: ${message}`);
    return undefined;
  }
}

/** A target that damages files. */
export function fileTarget(
  name: string,
  samples: readonly Sample[],
  rest: {
    readonly attempt: (bytes: Uint8Array) => Promise<boolean>;
    /** For a file of this size. */
    readonly allowance: (size: number) => number;
    readonly isValid: (sample: Sample) => boolean;
    readonly shortRuns: number;
  },
): Target<Damage> {
  return {
    name,
    cases: damages(samples),
    valid: samples.flatMap((sample, k) => (rest.isValid(sample) ? [intact(sample, k)] : [])),
    attempt: (damage) => rest.attempt(damaged(samples, damage)),
    allowance: (damage) => rest.allowance(Math.max(damaged(samples, damage).length, 1)),
    describe: (damage) => describeDamage(samples, damage),
    shortRuns: rest.shortRuns,
  };
}

/** What has been read of a source. */
export interface Meter {
  readonly source: ByteSource;
  /** Throws when more was asked for at once than the file has, or in all more than `most` times its size. */
  readonly check: (most: number) => void;
}

/** Bytes as a source that counts. A few windows at the start of a file do not count as reading it twice. */
export function metered(bytes: Uint8Array, name = 'x'): Meter {
  const source = bytesSource(bytes, name);
  let [largest, total] = [0, 0];
  return {
    source: {
      ...source,
      read(offset, length) {
        largest = Math.max(largest, length);
        total += length;
        return source.read(offset, length);
      },
    },
    check(most) {
      demand(largest <= bytes.length, () => `${largest} bytes asked for at once of ${bytes.length}`);
      const allowed = most * bytes.length + 1024;
      demand(total <= allowed, () => `${total} bytes read of a file of ${bytes.length}`);
    },
  };
}

/** A tensor that is what it says: as many numbers as its shape has places, of its element type. */
export function checkTensor(name: string, { shape, dtype, data }: Tensor): void {
  demand(
    shape.every((size) => Number.isSafeInteger(size) && size >= 0) && elementCount(shape) === data.length,
    () => `${name}: ${data.length} numbers for the shape [${shape.join(', ')}]`,
  );
  const fits = data instanceof (dtype === 'float32' ? Float32Array : Float64Array);
  demand(fits, () => `${name}: ${data.constructor.name} for ${dtype}`);
}

/** Equal to the last bit, NaN included. */
export function checkSame(name: string, a: Tensor | undefined, b: Tensor | undefined): void {
  const bytes = ({ data }: Tensor): Uint8Array =>
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const same =
    a !== undefined &&
    b !== undefined &&
    a.dtype === b.dtype &&
    a.shape.join() === b.shape.join() &&
    Buffer.compare(bytes(a), bytes(b)) === 0;
  demand(same, () => `${name}: written and read again it is not the same`);
}
