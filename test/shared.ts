/** Reference data that lives beside the repository and is never copied into it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(new URL('../../shared', import.meta.url)));

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
