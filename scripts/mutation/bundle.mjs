// Bundles the fast tests, with the mutants in the code that they import, for `runner.mjs`. Runs in Stryker's copy.
import { build } from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

/** No browser, no package, no whole networks, and nothing that takes seconds. */
const folders = ['backends', 'graph', 'ops', 'tensor', 'weights-converter'];
const single = ['test/properties/algebra.test.ts', 'test/goldens/operators-alone.ts'];
const slow = ['released-size.test.ts'];

/** Mutants are looked for in the reference. Kernels for GPUs are made of the text of functions, which mutants change. */
const withoutGpu = {
  name: 'without-gpu',
  setup({ onLoad }) {
    onLoad({ filter: /laws[\\/]backends\.ts$/ }, () => ({
      contents: 'export const backendLaws = () => [];',
    }));
  },
};

const entries = folders
  .flatMap((folder) =>
    readdirSync(`test/${folder}`, { recursive: true }).map((file) => `test/${folder}/${file}`),
  )
  .filter((file) => file.endsWith('.test.ts') && !slow.some((name) => file.endsWith(`/${name}`)))
  .filter((file) => !file.includes('/gpu'));

rmSync('mutants', { recursive: true, force: true });
await build({
  entryPoints: [...entries, ...single, 'scripts/mutation/vitest-in-process.mjs'],
  outdir: 'mutants',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  plugins: [withoutGpu],
  alias: { vitest: resolve('scripts/mutation/vitest-in-process.mjs') },
  logLevel: 'warning',
});
