/** Every real file of the reference data. */
import { readdirSync, statSync } from 'node:fs';
import { hasShared, shared } from '../shared.ts';

const folders = ['fixtures', 'goldens/networks/narrow', 'goldens/operators'];

/** Paths in the reference data, sorted, of files of at most `most` bytes; none where the data is missing. */
export function realFiles(pattern: RegExp, most: number): string[] {
  if (!hasShared) return [];
  const found = folders.flatMap((folder) =>
    readdirSync(shared(folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  );
  const wanted = found.filter((path) => {
    const status = pattern.test(path) ? statSync(shared(path)) : undefined;
    return status?.isFile() === true && status.size <= most;
  });
  return wanted.sort();
}

/** The file name of a path. */
export function short(path: string): string {
  return path.split('/').at(-1)!;
}
