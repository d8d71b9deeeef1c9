/** JPEG and PNG: decoded. After a refusal the decoder must still give the right pixels of an intact image. */
import { inflateSync } from 'node:zlib';
import { decodeImage, encodePng, type Image } from '../../../src/data/index.ts';
import { jpegSamples, pngSamples } from '../image-corpus.ts';
import type { Damage } from '../mutations.ts';
import { accepted, demand, fileTarget, type Target } from '../target.ts';

/** Larger images are refused, so that cases are cheap; it is what a caller says about its frames. */
const MOST_PIXELS = 4e6;

const decode = (bytes: Uint8Array): Promise<Image | undefined> =>
  accepted(() => decodeImage(bytes, { name: 'x', maxPixels: MOST_PIXELS }));

function checkImage({ width, height, data }: Image): void {
  demand(width > 0 && height > 0 && width * height <= MOST_PIXELS, () => `an image of ${width}x${height}`);
  demand(data.length === 3 * width * height, () => `${data.length} samples for ${width}x${height}`);
}

export async function jpegTarget(): Promise<Target<Damage>> {
  const samples = await jpegSamples();
  const witness = samples.find(({ name }) => name === 'own-24x16.jpg')!.bytes;
  const pixels = (await decodeImage(witness)).data;
  return fileTarget('jpeg', samples, {
    async attempt(bytes) {
      const result = await decode(bytes);
      if (result !== undefined) {
        checkImage(result);
        return true;
      }
      const after = await decode(witness);
      demand(
        after !== undefined && Buffer.compare(after.data, pixels) === 0,
        () => 'the decoder does not work any more',
      );
      return false;
    },
    // At most 512 pixels a byte: coefficients, RGBA twice and RGB; a decoder that is started anew takes 16 MiB.
    allowance: (size) => 128e6 + Math.min(512 * size, MOST_PIXELS) * 32,
    isValid: ({ name }) => /^(?:own|0000.0)/.test(name), // every tenth frame
    shortRuns: 1000,
  });
}

export function pngTarget(): Target<Damage> {
  return fileTarget('png', pngSamples(), {
    async attempt(bytes) {
      const result = await decode(bytes);
      if (result === undefined) return false;
      checkImage(result);
      const length = inflatedLength(bytes);
      const right = length === undefined || length === rawLength(bytes);
      demand(right, () => `accepted with ${length} unpacked bytes instead of ${rawLength(bytes)}`);
      const again = await decodeImage(await encodePng(result));
      demand(
        Buffer.compare(again.data, result.data) === 0,
        () => 'written and read again it is not the same',
      );
      return true;
    },
    // Deflate packs 1032 bytes into one at best.
    allowance: (size) => 128e6 + Math.min(1032 * size, 8 * MOST_PIXELS) * 8,
    isValid: ({ weight = 1 }) => weight > 3, // large ones take long, and goldens have them all
    shortRuns: 1500,
  });
}

/**
 * Chunk by chunk, with Node's own zlib. Undefined when only the second copy of the length of a stored block is wrong, in
 * which nobody else is interested: what was unpacked has the right checksum.
 */
function inflatedLength(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 8, type = ''; type !== 'IEND' && at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === 'IDAT') parts.push(bytes.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  try {
    return inflateSync(Buffer.concat(parts)).length;
  } catch (error) {
    if ((error as Error).message === 'invalid stored block lengths') return undefined;
    throw error;
  }
}

/** Bytes of all rows with their filters, by the header. PNG specification, 7.2 and 8.2. */
function rawLength(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height, depth] = [view.getUint32(16), view.getUint32(20), bytes[24]!];
  const channels = [1, 0, 3, 1, 2, 0, 4][bytes[25]!]!;
  const pass = (columns: number, rows: number): number =>
    columns <= 0 || rows <= 0 ? 0 : rows * (1 + Math.ceil((columns * channels * depth) / 8));
  if (bytes[28] === 0) return pass(width, height);
  const passes = ['00 88', '40 88', '04 48', '20 44', '02 24', '10 22', '01 12'];
  return passes.reduce((sum, text) => {
    const [x = 0, y = 0, , dx = 1, dy = 1] = text.split('').map(Number);
    return sum + pass(Math.ceil((width - x) / dx), Math.ceil((height - y) / dy));
  }, 0);
}
