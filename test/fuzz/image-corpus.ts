/** The intact images that damage starts from: real ones, and small ones of every kind. */
import { deflateSync } from 'node:zlib';
import { encodeJpeg, image, type Image } from '../../src/data/index.ts';
import { rgba } from '../../src/data/encode.ts';
import { jpegEncoder } from '../../src/data/jpeg-codec.ts';
import { makePng, pngChunk } from '../data/png-maker.ts';
import { load } from '../weights-converter/kit.ts';
import type { Sample, Span } from './mutations.ts';
import { realFiles, short } from './real-files.ts';
import { jpegSpans, pngSpans } from './spans.ts';

/** A picture with edges and slopes. */
function picture(width: number, height: number): Image {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7 + (i >> 6) * 31) % 256);
  return image(width, height, data);
}

export async function jpegSamples(): Promise<Sample[]> {
  const own: [string, Uint8Array][] = [
    ['own-1x1.jpg', await encodeJpeg(picture(1, 1))],
    ['own-24x16.jpg', await encodeJpeg(picture(24, 16))],
    ['own-33x17.jpg', await encodeJpeg(picture(33, 17), { quality: 30 })],
    ['own-progressive.jpg', await encodeProgressive(picture(40, 24))],
  ];
  const real = realFiles(/\.JPEG$/, 1e6).map((path) => [short(path), load(path)] as const);
  const sample = ([name, bytes]: readonly [string, Uint8Array], weight: number): Sample => ({
    name,
    bytes,
    spans: jpegSpans(bytes),
    weight,
  });
  return [...own.map((file) => sample(file, 600)), ...real.map((file) => sample(file, 1))]; // a frame takes 25 ms
}

/** Several scans. Our own encoder writes only one. */
async function encodeProgressive(source: Image): Promise<Uint8Array> {
  const { module } = await jpegEncoder();
  const options = { quality: 70, baseline: false, progressive: true, optimize_coding: true, color_space: 3 };
  const rest = {
    arithmetic: false,
    smoothing: 0,
    quant_table: 3,
    trellis_multipass: false,
    trellis_loops: 1,
  };
  const chroma = {
    auto_subsample: true,
    chroma_subsample: 2,
    separate_chroma_quality: false,
    chroma_quality: 70,
  };
  const trellis = { trellis_opt_zero: false, trellis_opt_table: false };
  const settings = { ...options, ...rest, ...chroma, ...trellis };
  return Uint8Array.from(module.encode(rgba(source), source.width, source.height, settings));
}

/** Gives every chunk that can be walked to its checksum. */
function mendChecksums(damaged: Uint8Array): Uint8Array {
  const out = damaged.slice();
  const view = new DataView(out.buffer);
  for (let at = 8; at + 12 <= out.length;) {
    const end = at + 12 + view.getUint32(at);
    if (end > out.length) break;
    const type = String.fromCharCode(...out.subarray(at + 4, at + 8));
    out.set(pngChunk(type, out.subarray(at + 8, end - 4)).subarray(-4), end - 4);
    at = end;
  }
  return out;
}

const pngRecipes = {
  grey1: { width: 11, height: 9, depth: 1, colourType: 0 },
  grey16: { width: 5, height: 4, depth: 16, colourType: 0 },
  rgb: { width: 7, height: 5, depth: 8, colourType: 2 },
  rgb16: { width: 3, height: 3, depth: 16, colourType: 2 },
  palette: { width: 9, height: 6, depth: 4, colourType: 3, palette: [...Array(48).keys()] },
  'grey and alpha': { width: 6, height: 6, depth: 8, colourType: 4 },
  rgba: { width: 8, height: 8, depth: 8, colourType: 6, transparency: [1, 2] },
} as const;

const channels: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export function pngSamples(): Sample[] {
  const own = Object.entries(pngRecipes).map(([name, recipe]): [string, Uint8Array] => {
    const bytesPerRow = Math.ceil((recipe.width * channels[recipe.colourType]! * recipe.depth) / 8);
    const rows = Array.from({ length: recipe.height }, (_, y) =>
      Array.from({ length: bytesPerRow }, (_, x) => (x * 37 + y * 11) % 256),
    );
    return [`own ${name}.png`, makePng({ ...recipe, rows })];
  });
  const real = realFiles(/\.png$/, 2e5).map((path): [string, Uint8Array] => [short(path), load(path)]);
  const files = [...own, ...real].map(([name, bytes]): Sample => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const weight = Math.max(1, Math.min(100, Math.round(5e5 / (view.getUint32(16) * view.getUint32(20)))));
    return { name, bytes, spans: pngSpans(bytes), mend: mendChecksums, weight };
  });
  return [...files, unpackedPng(false), unpackedPng(true)];
}

/** A PNG before it is packed: the 13 bytes of its header, then every row with its filter. Damage reaches all of it. */
function unpackedPng(interlaced: boolean): Sample {
  const header = [0, 0, 0, 12, 0, 0, 0, 7, 8, 2, 0, 0, interlaced ? 1 : 0];
  const widths = interlaced ? adam7Widths(12, 7) : Array<number>(7).fill(12);
  const rows = widths.map((width, y) => [y % 5, ...Array<number>(3 * width).fill((17 * y) % 256)]);
  const spans: Span[] = [0, 4].map((start) => ({ start, end: start + 4 }));
  for (let start = 8; start < header.length; start++) spans.push({ start, end: start + 1 });
  let start = header.length;
  for (const { length } of rows) spans.push({ start, end: (start += length) });
  const bytes = Uint8Array.from([header, ...rows].flat());
  return {
    name: `unpacked${interlaced ? ' interlaced' : ''}.png`,
    bytes,
    spans,
    mend: packPng,
    unpacked: true,
    weight: 300,
  };
}

/** Pixels of every row of the seven passes of an interlaced image. */
function adam7Widths(width: number, height: number): number[] {
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ];
  return passes.flatMap(([x = 0, y = 0, dx = 1, dy = 1]) => {
    const columns = Math.ceil((width - x) / dx);
    return columns > 0 ? Array<number>(Math.max(0, Math.ceil((height - y) / dy))).fill(columns) : [];
  });
}

function packPng(unpacked: Uint8Array): Uint8Array {
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  const parts = [
    signature,
    pngChunk('IHDR', unpacked.subarray(0, 13)),
    pngChunk('IDAT', deflateSync(unpacked.subarray(13))),
    pngChunk('IEND', new Uint8Array(0)),
  ];
  return new Uint8Array(Buffer.concat(parts));
}
