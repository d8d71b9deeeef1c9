/** The preprocessing goldens: what OpenCV and the official code make of given images. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Image } from '../../src/data/index.ts';
import { decodeImage } from '../../src/data/index.ts';
import { hasShared, shared } from '../shared.ts';

interface ResizeGolden {
  readonly shortSide: number;
  readonly longSide: number;
  readonly scale: number;
  readonly width: number;
  readonly height: number;
  readonly imInfo: readonly number[];
  readonly sha256: string;
  readonly tensorSha256: string;
}

export interface PreprocessingGolden {
  readonly name: string;
  readonly file: string | null;
  readonly width: number;
  readonly height: number;
  readonly decodedSha256: string;
  readonly resized: readonly ResizeGolden[];
}

const narrow = 'goldens/networks/narrow';

export const preprocessingGoldens: readonly PreprocessingGolden[] = hasShared
  ? JSON.parse(readFileSync(shared(`${narrow}/manifest.json`), 'utf8')).preprocessing.images
  : [];

/** A frame of the demo clip, as stored. */
export function frameBytes(index: number): Uint8Array {
  const file = `${String(index).padStart(6, '0')}.JPEG`;
  return readFileSync(shared(`fixtures/frames/ILSVRC2015_val_00007010/${file}`));
}

/** The image that a golden begins with. */
export function decodeGolden({ name, file }: PreprocessingGolden): Promise<Image> {
  const bytes = file
    ? readFileSync(shared(`${narrow}/${file}`))
    : frameBytes(Number(name.slice('frame'.length)));
  return decodeImage(bytes, { name });
}

export function sha256(bytes: ArrayBufferView): string {
  return createHash('sha256')
    .update(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    .digest('hex');
}

/** Samples in the order B, G, R, in which OpenCV holds them. */
export function bgr({ data }: Image): Uint8Array {
  return data.map((_, i) => data[i - (i % 3) + 2 - (i % 3)]!);
}
