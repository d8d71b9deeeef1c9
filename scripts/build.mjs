// Builds the package: one JavaScript file per entry point with shared chunks (esbuild), and declarations (tsc).
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
process.chdir(root);
rmSync('dist', { recursive: true, force: true });

const shared = {
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2023',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
};
await build({
  ...shared,
  platform: 'node',
  entryPoints: {
    index: 'src/index.ts',
    tensor: 'src/tensor/index.ts',
    ops: 'src/ops/index.ts',
    graph: 'src/graph/index.ts',
    nets: 'src/nets/index.ts',
    backends: 'src/backends/index.ts',
    gpu: 'src/backends/gpu/index.ts',
    wasm: 'src/backends/wasm/index.ts',
    onnx: 'src/onnx/index.ts',
    data: 'src/data/index.ts',
    dff: 'src/dff/index.ts',
    'weights-converter': 'weights-converter/index.ts',
    node: 'src/node/index.ts',
    cli: 'src/cli/main.ts',
    testing: 'src/testing/index.ts',
  },
  chunkNames: 'chunks/[name]-[hash]',
});
chmodSync('dist/cli.js', 0o755);
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
