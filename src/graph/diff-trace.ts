/**
 * diffTrace: two runs of a network, value by value; the first one that differs is where the fault lies, because
 * everything after it differs too.
 */
import { compare, type Difference, type Tolerance } from '../tensor/compare.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Named values in the order in which they were computed, e.g. `kept` of `interpret`. */
export type Trace = Iterable<readonly [name: string, value: Tensor]>;

export interface TraceRow {
  readonly name: string;
  readonly agrees: boolean;
  /** Absent when the shapes differ. */
  readonly difference?: Difference;
  /** One line for people. */
  readonly message: string;
}

export interface TraceDifference {
  /** One row per name in both traces, in the order of the first. */
  readonly rows: readonly TraceRow[];
  /** The first row that differs; undefined when the traces agree. */
  readonly first: TraceRow | undefined;
  /** Names that only one of the traces has. */
  readonly onlyInA: readonly string[];
  readonly onlyInB: readonly string[];
}

/**
 * Compares trace `a` with trace `b`, the expected one.
 *
 * @param tolerance for all values, or a function of the name. Default: absolute 1e-5, relative 1e-5
 * @example diffTrace(ours, theirs).first?.message // 'conv1_output: got 0.5, expected 0.25 at (0, 3, 1, 7), …'
 */
export function diffTrace(
  a: Trace,
  b: Trace,
  tolerance: Tolerance | ((name: string) => Tolerance) = { absolute: 1e-5, relative: 1e-5 },
): TraceDifference {
  const toleranceOf = typeof tolerance === 'function' ? tolerance : (): Tolerance => tolerance;
  const [left, right] = [new Map(a), new Map(b)];
  const rows = [...left.keys()]
    .filter((name) => right.has(name))
    .map((name) => compareValues(name, left.get(name)!, right.get(name)!, toleranceOf(name)));
  return {
    rows,
    first: rows.find(({ agrees }) => !agrees),
    onlyInA: [...left.keys()].filter((name) => !right.has(name)),
    onlyInB: [...right.keys()].filter((name) => !left.has(name)),
  };
}

function compareValues(name: string, got: Tensor, expected: Tensor, tolerance: Tolerance): TraceRow {
  if (!sameShape(got.shape, expected.shape)) {
    const shapes = `got shape ${formatShape(got.shape)}, expected ${formatShape(expected.shape)}`;
    return { name, agrees: false, message: `${name}: ${shapes}` };
  }
  const difference = compare(got, expected, tolerance);
  const agrees = difference.misses === 0;
  const where = `got ${difference.got}, expected ${difference.expected} at (${difference.worst.join(', ')})`;
  const count = `${difference.misses} of ${expected.data.length} values beyond the tolerance`;
  const largest = `largest difference ${difference.absolute.toExponential(1)}`;
  return {
    name,
    agrees,
    difference,
    message: agrees ? `${name}: ${largest}` : `${name}: ${where}, ${count}, ${largest}`,
  };
}
