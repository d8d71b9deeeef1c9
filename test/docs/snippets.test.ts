/**
 * Whatever the documentation shows as code runs, and prints what it says. `UPDATE_DOCS=1 npx vitest run test/docs`
 * rewrites the outputs; read the difference before you keep it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasShared } from '../shared.ts';
import { type Block, blocksOf, dffCommands, pages, root, withOutputs } from './blocks.ts';
import { openWorkplace, typeErrors, type Workplace } from './run.ts';

const update = process.env['UPDATE_DOCS'] === '1';
const runnable = (block: Block): boolean => block.language !== 'sh' || dffCommands(block).length > 0;
const documents = pages()
  .map((file) => ({ file, blocks: blocksOf(file).filter(runnable) }))
  .filter(({ blocks }) => blocks.length > 0);

/** Times differ from run to run, everything else must not. */
const withoutTimes = (text: string): string => text.replaceAll(/\b\d+(\.\d+)? (ms|s)\b/g, '0 $2');

test('TypeScript snippets have no type errors', () => {
  const blocks = documents.flatMap((page) => page.blocks).filter(({ language }) => language === 'ts');
  expect(blocks.length).toBeGreaterThan(0);
  expect(typeErrors(blocks)).toBe('');
});

test('a wrong type in a snippet is noticed', () => {
  const code = "import { dff } from 'deep-feature-flow';\nconst policy: string = dff.every(3);\n";
  const wrong: Block = { file: 'docs/page.md', line: 7, language: 'ts', code, expected: undefined };
  expect(typeErrors([wrong])).toContain('docs-page-md-7.ts(2,7): error TS2322');
});

describe.runIf(hasShared)('snippets run', () => {
  let workplace: Workplace;
  beforeAll(async () => {
    workplace = await openWorkplace();
  });
  afterAll(() => workplace.dispose());

  async function outputOf(block: Block): Promise<string> {
    if (block.language !== 'sh') return workplace.runBlock(block);
    let printed = '';
    for (const args of dffCommands(block)) printed += await workplace.dff(args);
    return printed;
  }

  describe.each(documents)('$file', ({ file, blocks }) => {
    const printed = new Map<number, string>();
    for (const block of blocks) {
      test(`line ${block.line} (${block.language})`, async () => {
        const output = await outputOf(block);
        printed.set(block.line, output);
        if (block.expected !== undefined && !update) {
          expect(withoutTimes(output)).toBe(withoutTimes(block.expected));
        }
      });
    }
    afterAll(() => {
      if (update) writeFileSync(join(root, file), withOutputs(file, printed));
    });
  });
});

describe.runIf(hasShared)('examples run', () => {
  let workplace: Workplace;
  beforeAll(async () => {
    workplace = await openWorkplace();
  });
  afterAll(() => workplace.dispose());

  test.each([
    ['convert-checkpoint.ts', ['narrow-0000.params', 'again.safetensors'], 'conv1_weight is 4x3x7x7'],
    ['detect-folder.ts', ['frames', 'model.safetensors', 'drawn'], '000001.JPEG current: '],
    ['own-network.ts', [], 'first -> sigmoid0 -> elementwiseMul0 -> second'],
  ])('%s', async (name, args, expected) => {
    expect(await workplace.runFile(join(root, 'examples', name), args)).toContain(expected);
  });
});
