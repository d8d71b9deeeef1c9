/** The stored cases of single operators, a test for each operator: what mutants are tried on, see `scripts/mutation`. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hasShared, shared } from '../shared.ts';
import { checkOperators } from './operators.ts';
import { table } from './rows.ts';

const folder = shared('goldens/operators');
const names = hasShared
  ? readdirSync(folder)
      .filter((file) => file.endsWith('.safetensors'))
      .map((file) => file.replace('.safetensors', ''))
  : [];

test.each(names)('%s gives the numbers that MXNet computed', async (operator) => {
  const rows = await checkOperators(folder, { only: operator });
  const misses = rows.filter(({ pass }) => !pass);
  expect(rows.length).toBeGreaterThan(0);
  expect(misses.length, table(misses)).toBe(0);
});
