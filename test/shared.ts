/** Reference data that lives beside the repository and is never copied into it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where DFF_SHARED says, or beside the repository, as seen from this file or from where npm runs a bundle that this
 * file is part of.
 */
const told = process.env['DFF_SHARED'];
const places = told
  ? [told]
  : [fileURLToPath(new URL('../../shared', import.meta.url)), resolve('../shared')];

const root = places.find((place) => existsSync(place)) ?? places[0]!;

/** Whether the reference data is there. Under CI a missing folder is a failure, elsewhere its tests are skipped. */
export const hasShared: boolean = existsSync(root);

if (!hasShared) {
  const line = 'the reference data is missing: expected a folder `shared` beside the repository';
  if (process.env['CI']) throw new Error(line);
  console.warn(`skipping tests: ${line}`);
}

/** A path inside the reference data: `shared('goldens/operators')`. */
export function shared(path: string): string {
  return resolve(root, path);
}
