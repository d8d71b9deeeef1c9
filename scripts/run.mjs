// Runs a TypeScript file on any supported Node: bundles it (packages stay outside) and imports the result.
// Usage: node scripts/run.mjs FILE.ts [arguments]
import { mkdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const [file, ...rest] = process.argv.slice(2);
const folder = resolve(import.meta.dirname, '../node_modules/.cache/run');
mkdirSync(folder, { recursive: true });
const outfile = resolve(folder, `${basename(file, '.ts')}-${process.pid}.mjs`);
await build({
  entryPoints: [file],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'es2023',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
});
process.argv = [process.argv[0], file, ...rest];
await import(pathToFileURL(outfile).href);
