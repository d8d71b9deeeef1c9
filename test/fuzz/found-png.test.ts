/** Found by fuzzing PNG files: what was accepted though it is damaged, and what took memory without end. */
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../../src/data/index.ts';
import { FrameError } from '../../src/tensor/index.ts';
import { pngChunk } from '../data/png-maker.ts';

interface Parts {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  readonly colourType?: number;
  readonly interlace?: number;
  /** Unpacked. */
  readonly rows?: Uint8Array;
  readonly packed?: Uint8Array;
  readonly extra?: readonly Uint8Array[];
}

function png({
  width,
  height,
  depth = 8,
  colourType = 0,
  interlace = 0,
  rows,
  packed,
  extra = [],
}: Parts): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colourType, 0, 0, interlace], 8);
  return new Uint8Array(
    Buffer.concat([
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
      pngChunk('IHDR', header),
      ...extra,
      pngChunk('IDAT', packed ?? deflateSync(rows ?? new Uint8Array(0))),
      pngChunk('IEND', new Uint8Array(0)),
    ]),
  );
}

const decode = async (parts: Parts): Promise<number[]> => [
  ...(await decodeImage(png(parts), { name: 'x.png' })).data,
];

describe('a PNG', () => {
  test('of one pixel that unpacks to 50 MB is refused, not unpacked', async () => {
    const rows = new Uint8Array(5e7);
    await expect(decode({ width: 1, height: 1, rows })).rejects.toThrow(
      'x.png: damaged PNG (it holds more pixels than its header says)',
    );
  });

  test('of 98 million pixels in a hundred bytes is refused before anything is allocated', async () => {
    const parts = { width: 9900, height: 9900, colourType: 6, rows: new Uint8Array(100) };
    await expect(decode(parts)).rejects.toThrow('bytes cannot hold its pixels');
  });

  test.each([
    ['whose rows end early', Uint8Array.of(0, 1, 2), 'its pixels end early'],
    ['with a row too many', Uint8Array.of(0, 1, 0, 2, 0, 3), 'more pixels than its header says'],
    ['with a filter that does not exist', Uint8Array.of(0, 1, 5, 2), 'a row has the unknown filter 5'],
  ])('%s is refused', async (_, rows, message) => {
    await expect(decode({ width: 1, height: 2, rows })).rejects.toThrow(message);
    await expect(decode({ width: 1, height: 2, rows })).rejects.toThrow(FrameError);
  });

  test('whose pixels do not have the checksum of their zlib stream is refused', async () => {
    const packed = deflateSync(Uint8Array.of(0, 77));
    expect(await decode({ width: 1, height: 1, packed })).toEqual([77, 77, 77]);
    packed[packed.length - 1]! ^= 1;
    await expect(decode({ width: 1, height: 1, packed })).rejects.toThrow(
      'the checksum of its pixels is wrong',
    );
  });

  test.each([
    ['a colour type without such a depth', { depth: 4, colourType: 2 }, 'colour type 2 has no 4 bits'],
    ['a colour type that does not exist', { depth: 8, colourType: 5 }, 'colour type 5 has no 8 bits'],
    ['a palette that is missing', { colourType: 3 }, 'it has no palette'],
    ['unknown interlacing', { interlace: 2 }, 'interlacing 2'],
    ['two headers', { extra: [pngChunk('IHDR', new Uint8Array(13))] }, 'it does not begin with its header'],
    ['an unknown chunk that it needs', { extra: [pngChunk('ABCD', new Uint8Array(1))] }, 'type ABCD'],
  ])('with %s is refused', async (_, parts, message) => {
    const rows = Uint8Array.of(0, 0, 0, 0);
    await expect(decode({ width: 1, height: 1, rows, ...parts })).rejects.toThrow(message);
  });
});

const channels: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Rows of a pass of an image whose pixel at (x, y) is so many bits; packed, without filters. */
function pass(
  pixel: (x: number, y: number) => string,
  [x0, y0, dx, dy]: readonly [number, number, number, number],
  width: number,
  height: number,
): number[] {
  const rows: number[] = [];
  if (x0 >= width) return rows;
  for (let y = y0; y < height; y += dy) {
    let bits = '';
    for (let x = x0; x < width; x += dx) bits += pixel(x, y);
    rows.push(0, ...(bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
  }
  return rows;
}

// Interlaced images of less than 8 bits per sample came out as nonsense.
test.each([
  [1, 0],
  [2, 0],
  [4, 0],
  [8, 0],
  [16, 0],
  [8, 2],
  [16, 2],
  [1, 3],
  [2, 3],
  [4, 3],
  [8, 3],
  [8, 4],
  [16, 4],
  [8, 6],
  [16, 6],
])(
  'an interlaced PNG of %i bits and colour type %i has the pixels of one that is not',
  async (depth, colourType) => {
    const palette = pngChunk(
      'PLTE',
      Uint8Array.from({ length: 768 }, (_, i) => (i * 5) % 256),
    );
    for (const [width, height] of [
      [1, 1],
      [3, 2],
      [5, 9],
      [13, 8],
    ] as const) {
      const pixel = (x: number, y: number): string =>
        Array.from({ length: channels[colourType]! }, (_, c) =>
          ((x * 3 + y * 7 + c) % 2 ** Math.min(depth, 8))
            .toString(2)
            .padStart(Math.min(depth, 8), '0')
            .padEnd(depth, '1'),
        ).join('');
      const parts = { width, height, depth, colourType, extra: colourType === 3 ? [palette] : [] };
      const straight = Uint8Array.from(pass(pixel, [0, 0, 1, 1], width, height));
      const passes = Uint8Array.from(adam7.flatMap((steps) => pass(pixel, steps, width, height)));
      expect(await decode({ ...parts, interlace: 1, rows: passes })).toEqual(
        await decode({ ...parts, rows: straight }),
      );
    }
  },
);

test('every filter is undone as the specification says', async () => {
  // Two rows of three RGB pixels; filtered by hand with filter 0 above and each filter below.
  const above = [10, 20, 30, 40, 50, 60, 70, 80, 90];
  const below = [12, 250, 3, 44, 40, 64, 7, 8, 9];
  const predict: Readonly<Record<number, (left: number, up: number, corner: number) => number>> = {
    0: () => 0,
    1: (left) => left,
    2: (_, up) => up,
    3: (left, up) => Math.floor((left + up) / 2),
    4: (left, up, corner) => {
      const near = [left, up, corner].map((value) => Math.abs(left + up - corner - value));
      return [left, up, corner][near.indexOf(Math.min(...near))]!;
    },
  };
  const filtered = (row: readonly number[], up: readonly number[], filter: number): number[] => [
    filter,
    ...row.map(
      (value, k) => (value - predict[filter]!(row[k - 3] ?? 0, up[k] ?? 0, up[k - 3] ?? 0) + 512) % 256,
    ),
  ];
  for (const first of [0, 1, 2, 3, 4]) {
    for (const second of [0, 1, 2, 3, 4]) {
      const rows = Uint8Array.from([...filtered(above, [], first), ...filtered(below, above, second)]);
      expect(await decode({ width: 3, height: 2, colourType: 2, rows })).toEqual([...above, ...below]);
    }
  }
});
