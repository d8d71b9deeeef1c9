/** The table of operators in the documentation against the operator table. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type AnyOperator, operators } from '../../src/ops/index.ts';
import { root } from './blocks.ts';

/** Cells of the rows that begin with the name of an operator. */
function rows(): Map<string, readonly string[]> {
  const text = readFileSync(join(root, 'docs/operators.md'), 'utf8');
  const cells = Array.from(text.matchAll(/^\| `(\w+)`.*$/gm), ([row]) =>
    row.split('|').map((cell) => cell.trim()),
  );
  return new Map(cells.map((row) => [row[1]!.replaceAll('`', ''), row.slice(2, -1)]));
}

test('docs/operators.md lists every operator once, with its inputs and whether it has a gradient', () => {
  const documented = rows();
  const inTable = Object.entries<AnyOperator>(operators);
  expect([...documented.keys()].toSorted()).toEqual(inTable.map(([name]) => name).toSorted());
  for (const [name, operator] of inTable) {
    const [, listed, , hasGradient] = documented.get(name)!;
    const expected = operator.inputs.join(', ') || 'any number';
    expect([name, listed, hasGradient]).toEqual([name, expected, 'gradient' in operator ? 'yes' : 'no']);
  }
});
