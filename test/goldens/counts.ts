/** How many comparisons with MXNet there are, by subject: the table of docs/testing.md. */
import { markdownTable } from '../testing/page.ts';
import type { GoldenRow } from './rows.ts';

/** Subject of a row by its name; the first that fits counts. */
const subjects: readonly (readonly [folder: string, name: RegExp, subject: string])[] = [
  ['operators', / gradient /, 'operators: gradients'],
  ['operators', /./, 'operators: outputs'],
  ['narrow', /^preprocess\//, 'preprocessing of images'],
  ['narrow', /^symbol\//, 'symbol files, node by node'],
  ['narrow', /^train\/.*float64\/gradient/, 'training: gradients of parameters, float64'],
  ['narrow', /^train\/.*float32\/gradient/, 'training: gradients of parameters, float32'],
  ['narrow', /^train\/.*\/update/, 'training: parameters after updates'],
  ['narrow', /^train\/.*(targets|full size)/, 'training: targets chosen by the host'],
  ['narrow', /^train\//, 'training: outputs and losses'],
  ['narrow', /./, 'networks: inner values, regions, detections'],
];

/** @param rows by folder of goldens */
export function countTable(rows: ReadonlyMap<string, readonly GoldenRow[]>): string {
  const counts = new Map(subjects.map(([, , subject]) => [subject, 0]));
  for (const [folder, list] of rows) {
    for (const { name } of list) {
      const [, , subject] = subjects.find(([end, pattern]) => folder.endsWith(end) && pattern.test(name))!;
      counts.set(subject, counts.get(subject)! + 1);
    }
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const lines = [...counts]
    .filter(([, count]) => count > 0)
    .map(([subject, count]) => [subject, String(count)]);
  return markdownTable(['compared with MXNet', 'values'], [...lines, ['in all', String(total)]]);
}
