/** No operator without its laws, and no law left out without a reason. */
import { beforeAll, expect, test } from 'vitest';
import { operators } from '../../src/ops/index.ts';
import { type OperatorReport, operatorReports } from './operator-reports.ts';

let reports: readonly OperatorReport[];
beforeAll(async () => {
  reports = await operatorReports();
});

test('every operator of the table is checked by one call of checkOp in test/ops', () => {
  const checked = reports.map(({ operator }) => operator);
  expect(checked.toSorted()).toEqual(Object.keys(operators).toSorted());
});

test('the laws about values, memory, graphs and shapes hold for every operator', () => {
  for (const { operator, laws } of reports) {
    const held = laws.filter(({ skipped }) => skipped === undefined).map(({ name }) => name);
    const always = ['oracle', 'memory', 'trace', 'shapeRule', 'nonFinite'];
    expect([operator, always.filter((name) => !held.some((other) => other === name))]).toEqual([
      operator,
      [],
    ]);
  }
});

test('what is skipped has a reason in words', () => {
  const reasons = reports.flatMap(({ laws }) => laws.flatMap(({ skipped }) => skipped ?? []));
  expect(reasons.filter((reason) => reason.split(' ').length < 3)).toEqual([]);
});
