import { describe, expect, test } from 'vitest';
import { decodeImage, encodeJpeg, encodePng, image, imageFormat, type Image } from '../../src/data/index.ts';
import { FrameError } from '../../src/tensor/errors.ts';
import { frameBytes } from './goldens.ts';
import { hasShared } from '../shared.ts';
import { makePng, type PngRecipe } from './png-maker.ts';

const concat = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** A picture with an obvious top left: red, on a grey ramp. */
function picture(width = 24, height = 16): Image {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    data.set(x < width / 2 && y < height / 2 ? [220, 20, 20] : [x * 8, x * 8, x * 8], i * 3);
  }
  return image(width, height, data);
}

const pixel = (source: Image, x: number, y: number): number[] => [
  ...source.data.subarray((y * source.width + x) * 3, (y * source.width + x) * 3 + 3),
];

describe('decodeImage', () => {
  test('gives back what encodePng was given', async () => {
    const source = picture();
    expect(await decodeImage(await encodePng(source))).toEqual(source);
  });

  test('gives back nearly what encodeJpeg was given, the nearer the higher the quality', async () => {
    const source = picture();
    const error = async (quality: number): Promise<number> => {
      const { data } = await decodeImage(await encodeJpeg(source, { quality }));
      return data.reduce((sum, sample, i) => sum + Math.abs(sample - source.data[i]!), 0) / data.length;
    };
    expect(await error(95)).toBeLessThan(4);
    expect(await error(95)).toBeLessThan(await error(20));
  });

  test('reads bytes that lie inside a larger buffer', async () => {
    const bytes = await encodePng(picture());
    const padded = concat(new Uint8Array(7), bytes, new Uint8Array(5));
    expect(await decodeImage(padded.subarray(7, 7 + bytes.length))).toEqual(picture());
  });

  test('knows the format by its first bytes', async () => {
    expect(imageFormat(await encodePng(picture()))).toBe('png');
    expect(imageFormat(await encodeJpeg(picture()))).toBe('jpeg');
    expect(imageFormat(Uint8Array.of(0xff, 0xd8))).toBeUndefined();
  });
});

const onePixel = (recipe: Omit<PngRecipe, 'width' | 'height'>): PngRecipe => ({
  width: 1,
  height: 1,
  ...recipe,
});

describe('a PNG becomes RGB', () => {
  test.each<[string, PngRecipe, number[]]>([
    ['grey', onePixel({ depth: 8, colourType: 0, rows: [[77]] }), [77, 77, 77]],
    [
      'grey with alpha, which is dropped',
      onePixel({ depth: 8, colourType: 4, rows: [[77, 0]] }),
      [77, 77, 77],
    ],
    ['RGBA, whose alpha is dropped', onePixel({ depth: 8, colourType: 6, rows: [[1, 2, 3, 0]] }), [1, 2, 3]],
    [
      '16 bits, of which the upper 8 count',
      onePixel({ depth: 16, colourType: 2, rows: [[1, 255, 2, 0, 3, 128]] }),
      [1, 2, 3],
    ],
    [
      'a palette with transparency',
      onePixel({ depth: 8, colourType: 3, rows: [[1]], palette: [9, 9, 9, 4, 5, 6], transparency: [0, 10] }),
      [4, 5, 6],
    ],
    [
      'a transparent colour',
      onePixel({ depth: 8, colourType: 2, rows: [[1, 2, 3]], transparency: [0, 1, 0, 2, 0, 3] }),
      [1, 2, 3],
    ],
  ])('from %s', async (_, recipe, expected) => {
    expect([...(await decodeImage(makePng(recipe))).data]).toEqual(expected);
  });

  test.each([
    [1, [0b10100000], [255, 0, 255]],
    [2, [0b00011000], [0, 85, 170]],
    [4, [0x0f, 0x80], [0, 255, 136]],
  ])('from grey of %i bits, spread over 0 to 255', async (depth, row, levels) => {
    const decoded = await decodeImage(
      makePng({ width: 3, height: 2, depth, colourType: 0, rows: [row, row] }),
    );
    expect([...decoded.data]).toEqual([...levels, ...levels].flatMap((level) => [level, level, level]));
  });

  test('from packed palette indices', async () => {
    const palette = [0, 0, 1, 0, 2, 0, 3, 0, 0, 4, 4, 4];
    const decoded = await decodeImage(
      makePng({ width: 3, height: 1, depth: 2, colourType: 3, rows: [[0b11000100]], palette }),
    );
    expect([...decoded.data]).toEqual([4, 4, 4, 0, 0, 1, 0, 2, 0]);
  });
});

/** Puts a segment after FF D8. */
function withSegment(jpeg: Uint8Array, marker: number, body: Uint8Array): Uint8Array {
  const length = body.length + 2;
  return concat(
    jpeg.subarray(0, 2),
    Uint8Array.of(0xff, marker, length >> 8, length & 255),
    body,
    jpeg.subarray(2),
  );
}

/** An EXIF note that says: show this turned. */
function exif(orientation: number): Uint8Array {
  const tiff = [
    0x4d,
    0x4d,
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    0x01,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  return Uint8Array.from([0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff]);
}

describe('a rotation note in a JPEG', () => {
  test('is ignored, as the official code does, unless asked for', async () => {
    const turned = withSegment(await encodeJpeg(picture()), 0xe1, exif(6));
    const asStored = await decodeImage(turned);
    expect([asStored.width, asStored.height]).toEqual([24, 16]);
    expect(pixel(asStored, 2, 2)[0]).toBeGreaterThan(180);
    const asMeant = await decodeImage(turned, { followOrientation: true });
    expect([asMeant.width, asMeant.height]).toEqual([16, 24]);
    expect(pixel(asMeant, 13, 2)[0]).toBeGreaterThan(180); // a quarter turn to the right
  });
});

async function errorOf(bytes: Uint8Array, options = {}): Promise<string> {
  const error: unknown = await decodeImage(bytes, { name: 'shot.jpg', ...options }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(FrameError);
  expect((error as Error).message).toMatch(/^shot\.jpg: [^\n]+$/);
  return (error as Error).message;
}

/** A JPEG header of one's own: sizes and the number of components. */
function jpegHeader(width: number, height: number, components: number, precision = 8): Uint8Array {
  const parts = Array.from({ length: components }, (_, i) => [i + 1, 0x11, 0]).flat();
  const sof = [precision, height >> 8, height & 255, width >> 8, width & 255, components, ...parts];
  const scan = [components, ...Array.from({ length: components }, (_, i) => [i + 1, 0]).flat(), 0, 63, 0];
  const [start, scanStart] = [
    [0xff, 0xd8, 0xff, 0xc0, 0, sof.length + 2],
    [0xff, 0xda, 0, scan.length + 2],
  ];
  return Uint8Array.from([start, sof, scanStart, scan, [1, 2, 3, 0xff, 0xd9]].flat());
}

describe('a file that cannot be used is refused in one line', () => {
  test('when it is empty or something else', async () => {
    expect(await errorOf(new Uint8Array(0))).toContain('the file is empty');
    expect(await errorOf(new TextEncoder().encode('GIF89a…'))).toContain(
      'neither JPEG nor PNG (it starts with 47 49',
    );
    expect(await errorOf(new Uint8Array(1000))).toContain('00 00 00 00');
  });

  test('when a JPEG is cut short anywhere, and the decoder works on', async () => {
    const jpeg = await encodeJpeg(picture());
    for (let length = 3; length < jpeg.length - 1; length += 17) {
      expect(await errorOf(jpeg.subarray(0, length))).toMatch(/truncated|damaged/);
    }
    expect((await decodeImage(jpeg)).width).toBe(24);
  });

  test('when the end marker of a JPEG is only that of its thumbnail', async () => {
    const jpeg = await encodeJpeg(picture());
    const whole = withSegment(jpeg, 0xe1, Uint8Array.of(1, 2, 0xff, 0xd9, 3));
    expect((await decodeImage(whole)).width).toBe(24);
    expect(await errorOf(whole.subarray(0, whole.length - 2))).toContain(
      'truncated JPEG (no end marker FF D9)',
    );
  });

  test('when a JPEG is in CMYK, of 12 bits, of no size, or enormous', async () => {
    expect(await errorOf(jpegHeader(8, 8, 4))).toContain('CMYK; convert it to RGB');
    expect(await errorOf(jpegHeader(8, 8, 3, 12))).toContain('12 bits per sample');
    expect(await errorOf(jpegHeader(0, 8, 3))).toContain('its size is 0x8');
    expect(await errorOf(jpegHeader(65_000, 65_000, 3))).toContain('more than 100000000 pixels');
    expect(await errorOf(await encodeJpeg(picture()), { maxPixels: 100 })).toContain(
      '24x16, more than 100 pixels',
    );
  });

  test('when the inside of a JPEG is nonsense, and the decoder works on', async () => {
    expect(await errorOf(jpegHeader(8, 8, 3))).toContain('damaged JPEG');
    expect(await errorOf(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9, 0, 0, 0, 0))).toContain('damaged JPEG');
    expect((await decodeImage(await encodeJpeg(picture()))).width).toBe(24);
  });

  test('when a PNG is cut short anywhere', async () => {
    const png = await encodePng(picture());
    for (let length = 8; length < png.length; length += 5) {
      expect(await errorOf(png.subarray(0, length))).toContain('damaged PNG');
    }
  });

  test('when a PNG has a flipped bit, an enormous size, or a pixel outside its palette', async () => {
    const png = Uint8Array.from(await encodePng(picture()));
    png[60]! ^= 4;
    expect(await errorOf(png)).toContain('damaged PNG');
    const huge = makePng({ width: 1 << 30, height: 1 << 30, depth: 8, colourType: 0, rows: [[0]] });
    expect(await errorOf(huge)).toContain('more than 100000000 pixels');
    const outside = makePng({
      width: 1,
      height: 1,
      depth: 8,
      colourType: 3,
      rows: [[3]],
      palette: [1, 2, 3],
    });
    expect(await errorOf(outside)).toContain('a pixel lies outside the palette');
  });
});

test.skipIf(!hasShared)('a frame of a real video decodes while another one does', async () => {
  const frames = await Promise.all([0, 1, 2].map((i) => decodeImage(frameBytes(i))));
  expect(frames.every(({ width, height }) => width === 1280 && height === 720)).toBe(true);
});

describe('encodeJpeg', () => {
  test('refuses a quality that is none, and images too large for the format', async () => {
    await expect(encodeJpeg(picture(), { quality: 0 })).rejects.toThrow(
      'quality is 0, expected a number from 1 to 100',
    );
    await expect(encodeJpeg(image(65_501, 1))).rejects.toThrow('write a PNG');
  });
});
