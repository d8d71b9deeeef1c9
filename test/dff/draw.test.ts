import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { image, type Image } from '../../src/data/index.ts';
import { black, colourOf, inkOn, okabeIto, white } from '../../src/dff/colours.ts';
import { contactSheet } from '../../src/dff/contact-sheet.ts';
import { draw } from '../../src/dff/draw.ts';
import { placeLabels } from '../../src/dff/label-places.ts';
import { type Colour, drawText, fillRectangle, strokeRectangle, textSize } from '../../src/dff/paint.ts';
import type { Detection } from '../../src/dff/postprocess.ts';

const grey = (width: number, height: number, level = 128): Image =>
  image(width, height, new Uint8Array(width * height * 3).fill(level));

const pixel = ({ width, data }: Image, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

const count = (picture: Image, colour: Colour): number => {
  let found = 0;
  for (let i = 0; i < picture.data.length; i += 3) {
    if (colour.every((level, c) => picture.data[i + c] === level)) found++;
  }
  return found;
};

const detection = (changes: Partial<Detection> = {}): Detection => ({
  label: 1,
  name: 'red_panda',
  score: 0.9,
  box: [20, 40, 59, 69],
  row: 0,
  ...changes,
});

describe('painting', () => {
  test('a filled rectangle covers exactly its pixels, cut at the border', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5, max: 9 }),
        fc.integer({ min: -5, max: 9 }),
        fc.nat(9),
        fc.nat(9),
        (x, y, w, h) => {
          const picture = grey(8, 6);
          fillRectangle(picture, { x, y, width: w, height: h }, [1, 2, 3]);
          for (let row = 0; row < 6; row++) {
            for (let column = 0; column < 8; column++) {
              const inside = column >= x && column < x + w && row >= y && row < y + h;
              expect(pixel(picture, column, row)).toEqual(inside ? [1, 2, 3] : [128, 128, 128]);
            }
          }
        },
      ),
    );
  });

  test('an outline touches each of its pixels once, however thick', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.nat(9), fc.integer({ min: 1, max: 8 }), (width, height, thickness) => {
        const picture = grey(12, 12, 0);
        strokeRectangle(picture, { x: 1, y: 1, width, height }, thickness, white, 0.5);
        const hollow = Math.max(width - 2 * thickness, 0) * Math.max(height - 2 * thickness, 0);
        expect(count(picture, [128, 128, 128])).toBe(width * height - hollow);
        expect(count(picture, black)).toBe(144 - width * height + hollow);
      }),
    );
  });

  test('letters differ from each other, and what cannot be written becomes a question mark', () => {
    const letter = (text: string): string => {
      const picture = grey(20, 28, 255);
      drawText(picture, text, { x: 2, y: 0 }, 28, black);
      return picture.data.join();
    };
    const seen = Array.from({ length: 95 }, (_, i) => letter(String.fromCharCode(32 + i)));
    expect(new Set(seen).size).toBe(95);
    expect(letter('é')).toBe(letter('?'));
    expect(letter('🦊')).toBe(letter('?'));
    expect(textSize('🦊!', 28).width).toBe(28);
  });

  test('text keeps its weight at every size', () => {
    const inkShare = (height: number): number => {
      const { width } = textSize('m', height);
      const picture = grey(width, height, 255);
      drawText(picture, 'm', { x: 0, y: 0 }, height, black);
      return 1 - picture.data.reduce((sum, level) => sum + level, 0) / picture.data.length / 255;
    };
    for (const height of [10, 13, 20, 40, 56])
      expect(Math.abs(inkShare(height) - inkShare(28))).toBeLessThan(0.03);
  });

  test('text outside the image is cut, not wrapped', () => {
    const picture = grey(30, 10, 255);
    drawText(picture, 'MMMM', { x: 20, y: -5 }, 20, black);
    for (let y = 0; y < 10; y++) expect(pixel(picture, 0, y)).toEqual([255, 255, 255]);
    drawText(picture, 'M', { x: -100, y: -100 }, 20, black);
    drawText(picture, 'M', { x: 100, y: 100 }, 20, black);
  });

  test('ink is the readable one of black and white', () => {
    expect(
      okabeIto
        .map(inkOn)
        .map((ink) => (ink === black ? 'b' : 'w'))
        .join(''),
    ).toBe('bbbbwbb');
    expect(colourOf(1)).toBe(okabeIto[0]);
    expect(colourOf(8)).toBe(colourOf(1));
  });
});

describe('draw', () => {
  test('leaves the frame alone and outlines the pixels of the box', () => {
    const frame = grey(200, 120);
    const drawn = draw({ image: frame, detections: [detection()] }, { labels: false, lineWidth: 1 });
    expect(frame).toEqual(grey(200, 120));
    const orange = [...okabeIto[0]!];
    for (const [x, y] of [
      [20, 40],
      [59, 40],
      [20, 69],
      [59, 69],
      [40, 40],
      [20, 55],
    ] as const) {
      expect(pixel(drawn, x, y)).toEqual(orange);
    }
    expect(pixel(drawn, 40, 55)).toEqual([128, 128, 128]);
    expect(count(drawn, okabeIto[0]!)).toBe(2 * 40 + 2 * 28);
  });

  test('draws only what scores more than asked for', () => {
    const frame = grey(200, 120);
    const result = { image: frame, detections: [detection({ score: 0.5 })] };
    expect(draw(result, { scoreThreshold: 0.5 })).toEqual(frame);
    expect(draw(result)).not.toEqual(frame);
  });

  test('marks frames by number and kind only where the result says so', () => {
    const frame = grey(300, 150);
    const plain = draw({ image: frame, detections: [] });
    const [key, current] = [true, false].map((isKey) =>
      draw({ image: frame, detections: [], index: 3, isKey }),
    );
    expect(plain).toEqual(frame);
    expect(key).not.toEqual(current);
    expect(draw({ image: frame, detections: [], index: 3, isKey: true }, { badge: false })).toEqual(frame);
  });

  test('draws any box on any image without writing outside', () => {
    const sides = fc.integer({ min: 1, max: 90 });
    const corner = fc.double({ min: -300, max: 300, noNaN: true });
    fc.assert(
      fc.property(
        sides,
        sides,
        fc.array(fc.tuple(corner, corner, corner, corner), { maxLength: 6 }),
        (w, h, boxes) => {
          const detections = boxes.map((box, row) => detection({ box, row, label: row }));
          const drawn = draw({ image: grey(w, h), detections, index: 1, isKey: false });
          expect(drawn.data.length).toBe(w * h * 3);
        },
      ),
    );
  });
});

describe('label places', () => {
  const size = { width: 60, height: 12 };
  const page = { width: 400, height: 300 };

  test('are above the box, or inside or below when there is no room', () => {
    const place = (x: number, y: number, height = 50) =>
      placeLabels(page, [{ x, y, width: 80, height }], [size])[0];
    expect(place(100, 100)).toEqual({ x: 100, y: 88, ...size });
    expect(place(100, 0)).toEqual({ x: 100, y: 50, ...size });
    expect(place(100, 0, 300)).toEqual({ x: 100, y: 0, ...size });
    expect(place(380, 100)).toEqual({ x: 340, y: 88, ...size });
  });

  test('do not cover each other where there is room', () => {
    const box = { x: 100, y: 100, width: 80, height: 50 };
    const places = placeLabels(page, [box, box, box], [size, size, size]);
    for (const [i, a] of places.entries()) {
      for (const b of places.slice(i + 1)) {
        const apart =
          a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart).toBe(true);
      }
    }
  });

  test('avoid a neighbouring object', () => {
    const [left, right] = [
      { x: 100, y: 100, width: 40, height: 50 },
      { x: 145, y: 60, width: 40, height: 90 },
    ];
    expect(placeLabels(page, [left, right], [size, size])[0]).toEqual({ x: 80, y: 88, ...size });
  });
});

describe('contactSheet', () => {
  test('lays images out in rows, each as high as its highest', () => {
    const sheet = contactSheet([grey(100, 50), grey(100, 100), grey(50, 25)], {
      columns: 2,
      cellWidth: 50,
      gap: 5,
    });
    expect([sheet.width, sheet.height]).toEqual([5 + 2 * 55, 5 + 50 + 5 + 25 + 5]);
    expect(pixel(sheet, 6, 6)).toEqual([128, 128, 128]);
    expect(pixel(sheet, 61, 50)).toEqual([128, 128, 128]);
    expect(pixel(sheet, 6, 40)).toEqual([250, 250, 250]);
    expect(count(sheet, [128, 128, 128])).toBe(50 * 25 + 50 * 50 + 50 * 25);
  });

  test('makes room for captions and a title', () => {
    const bare = contactSheet([grey(64, 32)]);
    const full = contactSheet([grey(64, 32)], {
      captions: ['a very long caption that does not fit in the cell'],
      title: 't',
    });
    expect(full.width).toBe(bare.width);
    expect(full.height).toBeGreaterThan(bare.height + 30);
    expect(() => contactSheet([])).toThrow('there are no images');
  });

  test('keeps the mean brightness of what it shrinks', () => {
    const data = Uint8Array.from({ length: 90 * 60 * 3 }, (_, i) => (i * 7919) % 256);
    const mean = (bytes: Uint8Array): number => bytes.reduce((sum, level) => sum + level, 0) / bytes.length;
    const sheet = contactSheet([image(90, 60, data)], { cellWidth: 30, gap: 0 });
    expect(Math.abs(mean(sheet.data) - mean(data))).toBeLessThan(1);
  });
});
