/**
 * What the tests of the operators check and what they leave out, as data: the files of test/ops are bundled with a
 * `checkOp` that writes its laws down instead of running them, and everything else of the test framework made silent.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { LawName } from '../../src/testing/index.ts';

export const root: string = resolve(import.meta.dirname, '../..');

export interface OperatorReport {
  readonly operator: string;
  /** Laws that it is held to, and reasons of those skipped; a law that cannot apply is not among them. */
  readonly laws: readonly { readonly name: LawName; readonly skipped?: string }[];
}

const silent = `
  const silence = new Proxy(function () {}, { get: () => silence, apply: () => silence });
  export const afterAll = silence, afterEach = silence, beforeAll = silence, beforeEach = silence, describe = silence,
    expect = silence, it = silence, onTestFinished = silence, test = silence, vi = silence;`;

const recording = `
  import { lawsOf } from './laws-of.ts';
  export const reports = [];
  globalThis.operatorReports = reports;
  export function checkOp(operator, cases, options) {
    reports.push({ operator: operator.name, laws: lawsOf(operator, cases, options).map(({ name, skipped }) => ({ name, skipped })) });
  }`;

/** Stands in for vitest and for the function that would register tests. */
const standIns: Plugin = {
  name: 'stand-ins',
  setup(bundle) {
    bundle.onResolve({ filter: /^vitest$/ }, () => ({ path: 'vitest', namespace: 'silent' }));
    bundle.onLoad({ filter: /.*/, namespace: 'silent' }, () => ({ contents: silent }));
    bundle.onLoad({ filter: /src[\\/]testing[\\/]check-op\.ts$/ }, () => ({
      contents: recording,
      loader: 'js',
    }));
  },
};

/** One report per call of `checkOp` in test/ops, in the order of the files. */
export async function operatorReports(): Promise<OperatorReport[]> {
  const folder = join(root, 'test/ops');
  const files = readdirSync(folder).filter((file) => file.endsWith('.test.ts'));
  const outfile = join(root, `node_modules/.cache/operator-reports-${process.pid}.mjs`);
  await build({
    stdin: {
      contents: [
        ...files.toSorted().map((file) => `import './${file}';`),
        'console.log(JSON.stringify(globalThis.operatorReports));',
      ].join('\n'),
      resolveDir: folder,
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2023',
    packages: 'external',
    ignoreAnnotations: true, // test files are imported for what they do
    logLevel: 'warning',
    plugins: [standIns],
  });
  try {
    const printed = execFileSync(process.execPath, [outfile], { cwd: root, encoding: 'utf8' });
    return JSON.parse(printed) as OperatorReport[];
  } finally {
    rmSync(outfile, { force: true });
  }
}
