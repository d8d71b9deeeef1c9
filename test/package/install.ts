/** The built package, packed as npm would publish it and installed elsewhere. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root: string = resolve(import.meta.dirname, '../..');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}

export const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

/** What users write to import each entry point. */
export const specifiers: readonly string[] = Object.keys(manifest.exports)
  .filter((subpath) => subpath !== './package.json')
  .map((subpath) => manifest.name + subpath.slice(1));

export interface Packed {
  /** The .tgz file. */
  readonly tarball: string;
  /** Paths in it, relative to the package. */
  readonly files: readonly string[];
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'dff-package-'));
}

/** Packs the build that is there. @throws Error when there is none */
export function pack(folder: string): Packed {
  if (!existsSync(join(root, 'dist/index.js'))) throw new Error('dist is missing: run npm run build first');
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [packed] = JSON.parse(run('npm', args, root)) as [
    { filename: string; files: readonly { path: string }[] },
  ];
  return { tarball: join(folder, packed.filename), files: packed.files.map(({ path }) => path) };
}

/** Makes a project of its own in a folder and installs the tarball there, with its dependencies. */
export function install(tarball: string, folder: string): void {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], folder);
}

/** Gives a project the optional peers of this package: those that this repository has. */
export function linkPeers(folder: string): void {
  for (const name of Object.keys(manifest.peerDependencies)) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  }
}

/** Standard output of a command; its standard error is in the error when it fails. */
export function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
