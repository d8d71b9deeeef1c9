/**
 * The random cases that test/ops gives to `checkOp`, for who wants to hold the same operators to another law. The test
 * files are bundled with a stand-in for `checkOp` that notes what it is given, and one for vitest that runs nothing.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type fc from 'fast-check';
import type { AnyOperator } from '../../src/ops/index.ts';
import type { OperatorCase } from '../../src/testing/index.ts';

export interface OperatorCases {
  /** Of the bundle: ours is found by its name. */
  readonly operator: AnyOperator;
  readonly cases: fc.Arbitrary<OperatorCase<object>>;
}

const folder = 'test/ops';

const checkOpStandIn = `
  export function checkOp(operator, cases) { globalThis.notedCases.push({ operator, cases }); }`;

/** Whatever is asked of it, it does nothing; only the bodies of describe run, because checkOp may be called in there. */
const vitestStandIn = `
  const nothing = new Proxy(function () {}, { get: () => nothing, apply: () => nothing });
  export const test = nothing, it = nothing, expect = nothing, vi = nothing;
  export const beforeAll = nothing, afterAll = nothing, beforeEach = nothing, afterEach = nothing;
  const run = (name, body) => body?.();
  const table = (rows) => (name, body) => { for (const row of rows) body(...(Array.isArray(row) ? row : [row])); };
  export const describe = Object.assign(run, { skipIf: () => run, runIf: () => run, each: table, skip: nothing });`;

const standIns: Plugin = {
  name: 'stand-ins',
  setup(bundler) {
    bundler.onResolve({ filter: /^vitest$|\/check-op\.ts$/ }, ({ path }) => ({
      path: path === 'vitest' ? 'vitest' : 'check-op',
      namespace: 'stand-in',
    }));
    bundler.onLoad({ filter: /./, namespace: 'stand-in' }, ({ path }) => ({
      contents: path === 'vitest' ? vitestStandIn : checkOpStandIn,
      loader: 'js',
    }));
  },
};

/** All cases of test/ops, in the order of the files. */
export async function operatorCases(): Promise<readonly OperatorCases[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.test.ts'));
  const cache = resolve('node_modules/.cache/operator-cases');
  mkdirSync(cache, { recursive: true });
  const outfile = join(cache, `cases-${process.pid}.mjs`);
  await build({
    stdin: { contents: files.map((file) => `import './${file}';`).join('\n'), resolveDir: resolve(folder) },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2023',
    packages: 'external',
    ignoreAnnotations: true, // package.json calls files without exports superfluous
    plugins: [standIns],
    logLevel: 'error',
  });
  const noted: OperatorCases[] = [];
  (globalThis as { notedCases?: OperatorCases[] }).notedCases = noted;
  await import(pathToFileURL(outfile).href);
  return noted;
}
