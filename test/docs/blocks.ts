/** The code blocks of the documentation, and what stands after them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root: string = resolve(import.meta.dirname, '../..');

export type Language = 'ts' | 'js' | 'sh';

export interface Block {
  /** Path of the document from the root of the repository. */
  readonly file: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly language: Language;
  readonly code: string;
  /** What it must print: the text block that follows, if one does. */
  readonly expected: string | undefined;
}

/** The pages whose snippets are run, README first. */
export function pages(): string[] {
  const chapters = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', 'CONTRIBUTING.md', ...chapters.toSorted().map((name) => `docs/${name}`)];
}

/** A fenced block, and after at most one empty line a `text` block. */
const pattern = /^```(ts|js|sh)\n([\s\S]*?)^```\n(?:\n?```text\n([\s\S]*?)^```$)?/gm;

export function blocksOf(file: string): Block[] {
  const text = readFileSync(join(root, file), 'utf8');
  return Array.from(text.matchAll(pattern), ({ index, 1: language, 2: code, 3: expected }) => ({
    file,
    line: text.slice(0, index).split('\n').length,
    language: language as Language,
    code: code!,
    expected,
  }));
}

/** The page with the text blocks replaced: `printed` by line of the block before them. */
export function withOutputs(file: string, printed: ReadonlyMap<number, string>): string {
  const text = readFileSync(join(root, file), 'utf8');
  return text.replaceAll(pattern, (whole: string, ...groups: unknown[]) => {
    const [expected, offset] = [groups[2] as string | undefined, groups[3] as number];
    const output = printed.get(text.slice(0, offset).split('\n').length);
    if (expected === undefined || output === undefined) return whole;
    return `${whole.slice(0, whole.lastIndexOf('```text\n'))}\`\`\`text\n${output}\`\`\``;
  });
}

/** `npx dff` lines of a shell block, as arguments. Other lines are for people. */
export function dffCommands({ code }: Block): string[][] {
  return code
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.startsWith('npx dff '))
    .map((line) => line.slice('npx dff '.length).trim().split(/\s+/));
}
