/** What the tests of the command share: the command as a program of its own, folders for its output, broken files. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, expect } from 'vitest';
import { encodePng, image } from '../../src/data/index.ts';
import { bytesSource, type Tensor } from '../../src/tensor/index.ts';
import { encodeParams, openParams } from '../../weights-converter/index.ts';
import { shared } from '../shared.ts';

const root = resolve(import.meta.dirname, '../..');
const cache = join(root, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
const bundles = mkdtempSync(join(cache, 'cli-'));
const program = join(bundles, 'dff.mjs');
await build({
  entryPoints: [join(root, 'src/cli/main.ts')],
  outfile: program,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'es2023',
  packages: 'external',
  logLevel: 'warning',
});

const folders: string[] = [bundles];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** An empty folder, removed after the tests. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dff-test-'));
  folders.push(folder);
  return folder;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Options of Node itself. */
  readonly node?: readonly string[];
  /** Interrupts, as Ctrl-C does, when this has appeared on stderr. */
  readonly interruptAt?: RegExp;
  /** An open file in place of the pipe that `stdout` is collected from. */
  readonly stdout?: number;
}

/** Runs `dff` with these arguments. */
export function dff(
  args: readonly string[],
  { node = [], interruptAt, stdout: file }: RunOptions = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [...node, program, ...args], {
    stdio: ['ignore', file ?? 'pipe', 'pipe'],
  });
  let [stdout, stderr, interrupted] = ['', '', false];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (!interrupted && interruptAt?.test(stderr)) interrupted = child.kill('SIGINT');
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

/** Runs `dff` and expects it to succeed. Gives stdout. */
export async function succeeds(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await dff(args);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** Runs `dff` and expects it to fail with one line on stderr and nothing on stdout. Gives that line. */
export async function fails(args: readonly string[], exitCode = 1): Promise<string> {
  const { code, stdout, stderr } = await dff(args);
  expect(stderr).toMatch(/^dff: [^\n]+\n$/);
  expect({ code, stdout, stderr }).toEqual({ code: exitCode, stdout: '', stderr });
  return stderr;
}

/** Names of what lies in a folder. */
export function contents(folder: string): string[] {
  return readdirSync(folder).toSorted();
}

/** A file in an empty folder. */
export function fileWith(bytes: Uint8Array | string, name: string): string {
  const path = join(emptyFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

/** A folder of grey PNG images of these sizes, `0.png`, `1.png`, ... */
export async function folderOfFrames(sizes: readonly (readonly [number, number])[]): Promise<string> {
  const folder = emptyFolder();
  for (const [k, [width, height]] of sizes.entries()) {
    const grey = image(width, height, new Uint8Array(width * height * 3).fill(90 + k));
    writeFileSync(join(folder, `${k}.png`), await encodePng(grey));
  }
  return folder;
}

export const narrowCheckpoint: string = shared('goldens/networks/narrow/narrow-0000.params');
export const narrowFrameCheckpoint: string = shared('goldens/networks/narrow/narrow-frame-0000.params');
export const video: string = shared('fixtures/frames/ILSVRC2015_val_00007010');

/** The narrow checkpoint with its arrays changed, as the bytes of a `.params` file. */
export async function changedCheckpoint(
  change: (name: string, value: Tensor) => Tensor | undefined,
): Promise<Uint8Array> {
  const file = await openParams(bytesSource(new Uint8Array(readFileSync(narrowCheckpoint)), 'narrow'));
  const arrays: [string, Tensor][] = [];
  for (const entry of file.entries) {
    const value = change(entry.name, await file.read(entry));
    if (value) arrays.push([entry.name, value]);
  }
  return encodeParams(arrays, 'legacy');
}
