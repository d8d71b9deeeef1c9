// What an entry point costs a page: bundled for browsers from the build, minified and gzipped, everything included
// but the backends gpu and wasm, which nobody loads who does not ask for them.
// Fails when one is over its budget. Run it after `npm run build`.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');

/** Kilobytes (1000 bytes) at most. The whole detector is `.`; a page that only computes needs less. */
const budgets = {
  '.': 90,
  './tensor': 15,
  './ops': 35,
  './graph': 35,
  './nets': 45,
  './onnx': 20,
  './wasm': 70,
};

const { exports } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));
let over = 0;
for (const [entry, budget] of Object.entries(budgets)) {
  const { outputFiles } = await build({
    stdin: {
      contents: `import * as all from '${exports[entry].default}'; globalThis.all = all;`,
      resolveDir: root,
    },
    absWorkingDir: root,
    bundle: true,
    external: ['./wasm', './gpu'].filter((other) => other !== entry).map((other) => `*${other.slice(1)}.js`),
    minify: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2023',
    logLevel: 'error',
  });
  const size = gzipSync(outputFiles[0].contents, { level: 9 }).length / 1000;
  if (size > budget) over++;
  console.log(
    `${entry.padEnd(10)} ${size.toFixed(1).padStart(6)} kB of ${budget}${size > budget ? '  too large' : ''}`,
  );
}
process.exitCode = over > 0 ? 1 : 0;
