/** Running snippets: bundled with the sources under the package's name, in a folder with a model and a few frames. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { shared } from '../shared.ts';
import { type Block, root } from './blocks.ts';

/** Bundles lie where Node finds the packages that stay outside of them. */
const cache = join(root, 'node_modules/.cache/docs');

const CHECKPOINT = 'goldens/networks/narrow/narrow-0000.params';
const FRAMES = 'fixtures/frames/ILSVRC2015_val_00007010';
const FRAME_COUNT = 3;

export interface Workplace {
  /** Holds `narrow-0000.params`, `model.safetensors` and `frames/`. */
  readonly folder: string;
  /** Runs a TypeScript or JavaScript file as if it used the package. Gives what it printed. */
  runFile(file: string, args?: readonly string[]): Promise<string>;
  runBlock(block: Block): Promise<string>;
  /** The command `dff`. */
  dff(args: readonly string[]): Promise<string>;
  dispose(): void;
}

export async function openWorkplace(): Promise<Workplace> {
  const folder = mkdtempSync(join(tmpdir(), 'dff-docs-'));
  const bundles = mkdtempSync(join(mkdirs(cache), 'run-'));
  copyFileSync(shared(CHECKPOINT), join(folder, 'narrow-0000.params'));
  mkdirSync(join(folder, 'frames'));
  for (const name of readdirSync(shared(FRAMES)).toSorted().slice(0, FRAME_COUNT)) {
    copyFileSync(join(shared(FRAMES), name), join(folder, 'frames', name));
  }
  const bundled = new Map<string, Promise<string>>();
  const bundleOnce = (file: string): Promise<string> => {
    const known = bundled.get(file);
    if (known) return known;
    const made = bundle(file, join(bundles, `${bundled.size}.mjs`));
    bundled.set(file, made);
    return made;
  };
  const runFile = async (file: string, args: readonly string[] = []): Promise<string> =>
    run(await bundleOnce(file), args, folder);
  const dff = (args: readonly string[]): Promise<string> => runFile(join(root, 'src/cli/main.ts'), args);
  await dff(['convert', 'narrow-0000.params', 'model.safetensors']);
  return {
    folder,
    runFile,
    dff,
    runBlock({ line, language, code }) {
      // Not beside the bundles: tsconfig paths do not hold for files in node_modules.
      const file = join(folder, `snippet-${line}.${language}`);
      writeFileSync(file, code);
      bundled.delete(file);
      return runFile(file);
    },
    dispose() {
      for (const path of [folder, bundles]) rmSync(path, { recursive: true, force: true });
    },
  };
}

async function bundle(file: string, outfile: string): Promise<string> {
  await build({
    entryPoints: [file],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2023',
    packages: 'external',
    tsconfig: join(root, 'tsconfig.json'), // its paths lead from the package's name to the sources
    logLevel: 'silent',
  });
  return outfile;
}

function run(bundleFile: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bundleFile, ...args], {
    cwd,
    encoding: 'utf8',
  });
  if (status === 0) return stdout;
  throw new Error(`exit code ${status}: ${stderr}`);
}

/** Checks the types of all blocks with one call of the compiler. Its complaints name page and line. */
export function typeErrors(blocks: readonly Block[]): string {
  const folder = mkdtempSync(join(mkdirs(cache), 'types-'));
  try {
    for (const { file, line, code } of blocks) {
      writeFileSync(join(folder, `${file.replace(/\W+/g, '-')}-${line}.ts`), `${code}\nexport {};\n`);
    }
    const compilerOptions = { isolatedDeclarations: false, declaration: false, noUnusedLocals: false };
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
      encoding: 'utf8',
    });
    return '';
  } catch (error) {
    return (error as { stdout?: string }).stdout || String(error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function mkdirs(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}
