/** The parts of docs/testing.md that are written by tests, so that they stay true. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { root } from './operator-reports.ts';

const path = join(root, 'docs/testing.md');

const begin = (name: string): string => `<!-- ${name}: written by UPDATE_DOCS=1 -->`;
const end = (name: string): string => `<!-- end of ${name} -->`;

/**
 * Puts Markdown between the marks of a name. `UPDATE_DOCS=1` writes the page.
 *
 * @returns the page as it is, and as it should be
 */
export async function withPart(name: string, markdown: string): Promise<{ is: string; shouldBe: string }> {
  const page = readFileSync(path, 'utf8');
  const [start, stop] = [page.indexOf(begin(name)), page.indexOf(end(name))];
  if (start < 0 || stop < start) throw new Error(`docs/testing.md has no marks for ${name}`);
  const changed = `${page.slice(0, start)}${begin(name)}\n\n${markdown}\n\n${page.slice(stop)}`;
  const options = { parser: 'markdown', printWidth: 110, singleQuote: true, trailingComma: 'all' } as const;
  const shouldBe = await format(changed, options);
  if (process.env['UPDATE_DOCS'] !== '1') return { is: page, shouldBe };
  writeFileSync(path, shouldBe);
  return { is: shouldBe, shouldBe };
}

/** A Markdown table; the first column is left-aligned, the others centred. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = header.map((_, column) => (column === 0 ? '---' : ':-:'));
  return [header, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
