import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './install.ts';

test('every dependency, for users and for development, has its reason in docs/dependencies.md', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, object>;
  const page = readFileSync(join(root, 'docs/dependencies.md'), 'utf8');
  const [runTime = '', development = ''] = page.split('## For development');
  const missing = (list: object | undefined, text: string): string[] =>
    Object.keys(list ?? {}).filter((name) => !text.includes(`\`${name}\``));
  expect(missing(manifest['dependencies'], runTime)).toEqual([]);
  expect(missing(manifest['peerDependencies'], runTime)).toEqual([]);
  expect(missing(manifest['devDependencies'], development)).toEqual([]);
});
