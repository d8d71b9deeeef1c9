/** The parts of a network golden's `manifest.json` that are read, and the small files around it. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { decodeImage, type Image } from '../../src/data/index.ts';
import { configure, type NetworkConfiguration } from '../../src/nets/index.ts';
import type { Tolerance } from '../../src/tensor/index.ts';

export interface GoldenImage {
  readonly frame: number;
  readonly height: number;
  readonly width: number;
  readonly scale: number;
  /** The resized image; null where only its hash is stored. */
  readonly file: string | null;
  readonly resizedSha256: string;
  readonly dataSha256: string;
}

export interface GoldenCall {
  readonly graph: 'key' | 'current' | 'batch' | 'frame';
  readonly frames: readonly number[];
  readonly tensors: string;
  readonly images: readonly GoldenImage[];
}

export interface GoldenValue extends Tolerance {
  readonly shape: readonly number[];
  /** Stored are the elements 0, k, 2k, ... of the flattened array; k may depend on the frame. */
  readonly every: number | Readonly<Record<string, number>>;
}

export interface GoldenCase {
  readonly name: string;
  readonly file: string;
  readonly detections: string;
  readonly checkpoint: string;
  readonly shortSide: number;
  readonly longSide: number;
  readonly calls: readonly GoldenCall[];
  readonly values: Readonly<Record<string, Readonly<Record<string, GoldenValue>>>>;
  readonly tolerances: { readonly detectionScore: number; readonly detectionBoxPixels: number };
}

export interface GoldenResize {
  readonly shortSide: number;
  readonly longSide: number;
  readonly imInfo: readonly number[];
  readonly sha256: string;
  readonly tensorSha256: string;
}

export interface Manifest {
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly cases: readonly GoldenCase[];
  readonly preprocessing?: {
    readonly images: readonly {
      readonly name: string;
      readonly file: string | null;
      readonly decodedSha256: string;
      readonly resized: readonly GoldenResize[];
    }[];
  };
}

/** The network that a manifest describes. */
export function configurationOf(manifest: Pick<Manifest, 'configuration'>): NetworkConfiguration {
  const c = manifest.configuration as Record<string, number> & Record<string, number[]>;
  return configure({
    depth: c['depth'] === 50 ? 50 : 101,
    widthDivisor: c['widthDivisor']!,
    classes: c['classes']!,
    anchors: { scales: c['anchorScales'] as number[], ratios: c['anchorRatios'] as number[] },
    proposals: {
      preNms: c['rpnPreNms']!,
      postNms: c['rpnPostNms']!,
      nmsThreshold: c['rpnNmsThreshold']!,
      minSize: c['rpnMinSize']!,
    },
    bins: c['psroiGroup']!,
  });
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The bytes of an image in OpenCV's order, which the stored hashes are of. */
export function bgr({ data }: Image): Uint8Array {
  const swapped = data.slice();
  for (let i = 0; i < swapped.length; i += 3) [swapped[i], swapped[i + 2]] = [data[i + 2]!, data[i]!];
  return swapped;
}

export async function readImage(path: string): Promise<Image> {
  return decodeImage(await readFile(path), { name: path });
}

/** Where original frames may lie when no folder is named: fixtures beside the goldens, or beside the repository. */
function frameFolders(folder: string): string[] {
  const roots = [resolve('../shared')];
  for (let up = resolve(folder); up !== dirname(up); up = dirname(up)) roots.push(up);
  return roots
    .map((root) => join(root, 'fixtures/frames'))
    .filter((path) => existsSync(path))
    .flatMap((path) => readdirSync(path).map((name) => join(path, name)));
}

/** Where an original frame may be. Callers compare hashes, so another video's frame is never taken for it. */
export function framePaths(folder: string, frames: string | undefined, frame: number): string[] {
  const file = `${String(frame).padStart(6, '0')}.JPEG`;
  const folders = frames === undefined ? frameFolders(folder) : [frames];
  return folders.map((path) => join(path, file)).filter((path) => existsSync(path));
}
