/** The table of docs/testing.md that says how each operator is proved. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { backendNames } from '../../src/backends/index.ts';
import { operators } from '../../src/ops/index.ts';
import { type LawName, lawNames, tolerances } from '../../src/testing/index.ts';
import { hasShared, shared } from '../shared.ts';
import { operatorReports } from './operator-reports.ts';
import { markdownTable, withPart } from './page.ts';

const titles: Readonly<Record<LawName, string>> = {
  oracle: 'oracle',
  memory: 'memory',
  trace: 'graph',
  shapeRule: 'shapes',
  attributes: 'attributes',
  edges: 'sizes 1, 0',
  nonFinite: 'NaN, ∞',
  gradient: 'gradient',
  secondDerivative: 'second',
  backends: 'backends',
};

/** Comparisons with MXNet by operator: outputs, and gradients of inputs. */
function goldenCounts(): Map<string, { forward: number; gradient: number }> {
  const file = readFileSync(shared('goldens/operators/cases.json'), 'utf8');
  const { cases } = JSON.parse(file) as {
    cases: readonly { operator: string; outputs: readonly string[]; gradients: readonly string[] }[];
  };
  const counts = new Map<string, { forward: number; gradient: number }>();
  for (const { operator, outputs, gradients } of cases) {
    const known = counts.get(operator) ?? { forward: 0, gradient: 0 };
    counts.set(operator, {
      forward: known.forward + outputs.length,
      gradient: known.gradient + gradients.length,
    });
  }
  return counts;
}

test.runIf(hasShared)('docs/testing.md says what is checked of every operator', async () => {
  const counts = goldenCounts();
  const reasons: string[] = [];
  const mark = (reason: string | undefined): string => {
    if (reason === undefined) return '✓';
    if (!reasons.includes(reason)) reasons.push(reason);
    return `[${reasons.indexOf(reason) + 1}]`;
  };
  const compositions = [...counts]
    .filter(([name]) => !(name in operators))
    .map(([name, { forward, gradient }]) => `\`${name}\` ${forward} + ${gradient}`);
  const columns = lawNames.filter((name) => name !== 'backends' || backendNames.length > 1);
  const rows = (await operatorReports())
    .toSorted((a, b) => (a.operator < b.operator ? -1 : 1))
    .map(({ operator, laws }) => {
      const cells = columns.map((name) => {
        const law = laws.find((held) => held.name === name);
        return law ? mark(law.skipped) : '–';
      });
      const { forward, gradient } = counts.get(operator) ?? { forward: 0, gradient: 0 };
      return [`\`${operator}\``, ...cells, forward ? `${forward} + ${gradient}` : '–'];
    });
  const header = ['operator', ...columns.map((name) => titles[name]), 'MXNet'];
  const notes = reasons.map((reason, k) => `- [${k + 1}] ${reason}`).join('\n');
  const { is, shouldBe } = await withPart(
    'operators',
    `${markdownTable(header, rows)}\n\n${notes}\n\nCompositions beside MXNet: ${compositions.join(', ')}.`,
  );
  expect(is).toBe(shouldBe);
});

test('docs/testing.md has the tolerance table', async () => {
  const table = markdownTable(
    ['what', 'tolerance'],
    [
      ['kernel against oracle, float32', tolerances.oracle.float32.toExponential(0)],
      ['kernel against oracle, float64', tolerances.oracle.float64.toExponential(0)],
      [
        'gradient against central differences, float64, relative to the terms',
        tolerances.gradient.toExponential(0),
      ],
      ['backend against reference, float32', tolerances.backend.toExponential(0)],
    ],
  );
  const { is, shouldBe } = await withPart('tolerances', table);
  expect(is).toBe(shouldBe);
});
