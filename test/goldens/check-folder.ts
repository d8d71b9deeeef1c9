/** Finds out what kind of goldens a folder holds and checks them. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backend } from '../../src/backends/index.ts';
import { checkNetworks } from './networks.ts';
import { checkOperators } from './operators.ts';
import type { GoldenRow } from './rows.ts';
import { checkTraining } from './training.ts';

export interface GoldenOptions {
  /** What is checked: networks and operators on this backend. Default: all there is, on the reference. */
  readonly backend?: Backend;
  /** Folder of the original frames (`000000.JPEG`, ...). */
  readonly frames: string | undefined;
  /** Names of the cases of a network that are checked. Default all. */
  readonly cases?: readonly string[] | undefined;
}

export async function checkFolder(folder: string, options: GoldenOptions): Promise<GoldenRow[]> {
  const { backend } = options;
  if (existsSync(join(folder, 'cases.json'))) return checkOperators(folder, backend ? { backend } : {});
  const file = join(folder, 'manifest.json');
  if (!existsSync(file))
    throw new Error(`${folder}: no cases.json and no manifest.json; is this a folder of goldens?`);
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  if ('steps' in manifest) return checkTraining(folder, backend);
  const rows = await checkNetworks(folder, options);
  const training = join(folder, 'train');
  // In browsers a training graph takes longer to compile than all else; ask for its folder.
  if (backend?.name === 'gpu' || !existsSync(join(training, 'manifest.json'))) return rows;
  return [...rows, ...(await checkTraining(training, backend))];
}
