/** Golden symbol files: the official graphs as MXNet saves them, node by node against ours. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkConfiguration, NetworkKind } from '../../src/nets/index.ts';
import { compareSymbol, parseSymbol } from '../../weights-converter/index.ts';
import { type GoldenRow, statement } from './rows.ts';

const kinds: readonly NetworkKind[] = ['key', 'current', 'batch', 'frame', 'train'];

/** A row for each `KIND-symbol.json` that the folder has. */
export async function checkSymbols(
  folder: string,
  { widthDivisor, depth, classes }: NetworkConfiguration,
): Promise<GoldenRow[]> {
  const files = kinds.map((kind) => ({ kind, path: join(folder, `${kind}-symbol.json`) }));
  return Promise.all(
    files
      .filter(({ path }) => existsSync(path))
      .map(async ({ kind, path }) => {
        const symbol = parseSymbol(await readFile(path, 'utf8'), path);
        const found = compareSymbol(symbol);
        const [first] = found.differences;
        const ours = { kind, widthDivisor, depth, classes };
        const same = Object.entries(ours).every(
          ([name, value]) =>
            ({ ...found.configuration, kind: found.kind })[name as keyof typeof ours] === value,
        );
        const note = first
          ? `${found.differences.length} differences, e.g. ${first.node}: ${first.message}`
          : same
            ? `${symbol.nodes.length} nodes as ours`
            : `is a ${found.kind} graph of another network than the manifest says`;
        return statement(`symbol/${kind}`, same && !first, note);
      }),
  );
}
