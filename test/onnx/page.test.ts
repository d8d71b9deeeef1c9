import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hasOnnxForm } from '../../src/onnx/index.ts';
import { operators } from '../../src/ops/index.ts';

test('docs/onnx.md lists every operator once, on the right side', () => {
  const rows = readFileSync('docs/onnx.md', 'utf8')
    .split('## What becomes what')[1]!
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const listed = rows.flatMap((row) => {
    const [, names = '', form = ''] = row.split('|');
    const title = form.includes('nothing') ? 'refused' : 'exported';
    return Array.from(names.matchAll(/`(\w+)`/g), ([, name]) => `${name} ${title}`);
  });
  const expected = Object.keys(operators).map(
    (name) => `${name} ${hasOnnxForm(name) ? 'exported' : 'refused'}`,
  );
  expect(listed.toSorted()).toEqual(expected.toSorted());
});
