/** The built package as a page gets it: bundled for browsers and minified, with nothing left out. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { pageBundle } from '../../scripts/browser/bundle.ts';

const root = resolve(import.meta.dirname, '../..');

const entry = `
  import * as main from 'deep-feature-flow';
  import * as tensor from 'deep-feature-flow/tensor';
  import * as converter from 'deep-feature-flow/weights-converter';
  import { answer } from './page.ts';
  answer({ main, tensor, converter });
`;

export interface Bundle {
  readonly code: string;
  /** Every file in it, and every module that it would import at run time. */
  readonly inputs: readonly string[];
  readonly imports: readonly string[];
}

/** @throws Error when something in the package needs a module of Node: esbuild does not find it for a browser */
export async function bundlePage(): Promise<Bundle> {
  if (!existsSync(resolve(root, 'dist/index.js')))
    throw new Error('dist is missing: run npm run build first');
  const { outputFiles, metafile } = await build({
    ...pageBundle,
    stdin: { contents: entry, resolveDir: import.meta.dirname, loader: 'ts' },
    absWorkingDir: root,
    tsconfigRaw: {}, // ours gives the package's name to the sources; a page has the build
    metafile: true,
    logLevel: 'silent',
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  return { code: outputFiles[0]!.text, inputs: Object.keys(metafile.inputs), imports };
}
