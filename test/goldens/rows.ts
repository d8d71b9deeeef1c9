/** What a golden comparison says: one row per case or value, and a table of them. */
import { compare, type Tensor, type Tolerance } from '../../src/tensor/index.ts';

export interface GoldenRow {
  readonly name: string;
  /** Largest |got − stored|. */
  readonly absolute: number;
  /** Largest |got − stored| / |stored|. */
  readonly relative: number;
  readonly tolerance: Tolerance;
  readonly pass: boolean;
  readonly note?: string;
}

const exact: Tolerance = { absolute: 0, relative: 0 };

/** Compares one value with what is stored. */
export function compareRow(name: string, got: Tensor, stored: Tensor, tolerance: Tolerance): GoldenRow {
  if (got.shape.join() !== stored.shape.join()) {
    return failure(name, `shape is ${got.shape.join('x')}, stored is ${stored.shape.join('x')}`);
  }
  const { absolute, relative, misses, worst, got: a, expected: b } = compare(got, stored, tolerance);
  const where = `${misses} of ${stored.data.length} beyond, e.g. ${a} instead of ${b} at (${worst.join(', ')})`;
  return { name, absolute, relative, tolerance, pass: misses === 0, ...(misses > 0 && { note: where }) };
}

/** A statement that holds or not, e.g. that two hashes agree. */
export function statement(name: string, holds: boolean, note: string): GoldenRow {
  return { name, absolute: holds ? 0 : NaN, relative: holds ? 0 : NaN, tolerance: exact, pass: holds, note };
}

export function failure(name: string, note: string): GoldenRow {
  return { name, absolute: NaN, relative: NaN, tolerance: exact, pass: false, note };
}

const figure = (x: number): string => (x === 0 ? '0' : Number.isNaN(x) ? '-' : x.toExponential(1));

/** The rows as an aligned table, header first. */
export function table(rows: readonly GoldenRow[]): string {
  const cells = rows.map(({ name, absolute, relative, tolerance, pass, note }) => [
    name,
    figure(absolute),
    figure(relative),
    tolerance.absolute === 0 && tolerance.relative === 0
      ? 'exact'
      : `${figure(tolerance.absolute)} + ${figure(tolerance.relative)}·|x|`,
    pass ? 'pass' : 'MISS',
    note ?? '',
  ]);
  const all = [['case or value', 'largest abs', 'largest rel', 'tolerance', '', ''], ...cells];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
