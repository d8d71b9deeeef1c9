/**
 * Bakes the printable ASCII characters of DejaVu Sans Mono Bold into `src/dff/font-atlas.ts`: coverage in 16 levels,
 * two pixels a byte, in base64. Run it by hand when the size or the font changes: `node scripts/bake-font.mjs`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { default: opentype } = await import('opentype.js');

const CELL_WIDTH = 14;
const SAMPLES = 8; // per pixel and direction
const [FIRST, LAST] = [32, 126];

const file = fileURLToPath(
  import.meta.resolve('@fontsource/dejavu-mono/files/dejavu-mono-latin-700-normal.woff'),
);
const bytes = readFileSync(file);
const font = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
const fontSize = (CELL_WIDTH / font.charToGlyph('M').advanceWidth) * font.unitsPerEm;
const ascent = Math.ceil((font.ascender / font.unitsPerEm) * fontSize);
const cellHeight = ascent + Math.ceil((-font.descender / font.unitsPerEm) * fontSize);

const quadratic = (t, a, b, _, d) => (1 - t) ** 2 * a + 2 * (1 - t) * t * b + t ** 2 * d;
const cubic = (t, a, b, c, d) =>
  (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d;

/** A glyph's outline as straight edges, each curve cut into sixteen. */
function edges(path) {
  const list = [];
  let [start, at] = [
    [0, 0],
    [0, 0],
  ];
  const lineTo = (x, y) => {
    list.push([at[0], at[1], x, y]);
    at = [x, y];
  };
  for (const { type, x, y, x1, y1, x2, y2 } of path.commands) {
    const [ax, ay] = at;
    if (type === 'M') start = at = [x, y];
    else if (type === 'L') lineTo(x, y);
    else if (type === 'Z') lineTo(...start);
    const curve = type === 'Q' ? quadratic : cubic;
    if (type !== 'Q' && type !== 'C') continue;
    for (let i = 1; i <= 16; i++) {
      const t = i / 16;
      lineTo(curve(t, ax, x1, x2, x), curve(t, ay, y1, y2, y));
    }
  }
  return list;
}

/** Whether a point is inside: the edges to its right wind around it. */
function isInside(list, px, py) {
  let winding = 0;
  for (const [x0, y0, x1, y1] of list) {
    if (y0 <= py === y1 <= py) continue;
    if (x0 + ((py - y0) / (y1 - y0)) * (x1 - x0) > px) winding += y1 > y0 ? 1 : -1;
  }
  return winding !== 0;
}

const pixels = [];
for (let code = FIRST; code <= LAST; code++) {
  const outline = edges(font.charToGlyph(String.fromCharCode(code)).getPath(0, ascent, fontSize));
  for (let i = 0; i < CELL_WIDTH * cellHeight; i++) {
    const [x, y] = [i % CELL_WIDTH, Math.floor(i / CELL_WIDTH)];
    let count = 0;
    for (let k = 0; k < SAMPLES * SAMPLES; k++) {
      const [dx, dy] = [(k % SAMPLES) + 0.5, Math.floor(k / SAMPLES) + 0.5];
      if (isInside(outline, x + dx / SAMPLES, y + dy / SAMPLES)) count++;
    }
    pixels.push(Math.round((count / SAMPLES ** 2) * 15));
  }
}
const packed = Buffer.alloc(pixels.length / 2);
for (let i = 0; i < packed.length; i++) packed[i] = pixels[2 * i] * 16 + pixels[2 * i + 1];

writeFileSync(
  fileURLToPath(new URL('../src/dff/font-atlas.ts', import.meta.url)),
  `/**
 * The printable ASCII characters of DejaVu Sans Mono Bold, made by \`scripts/bake-font.mjs\`. The font's licence is in
 * \`src/dff/font-licence.txt\`.
 */

/** Pixels of one character. */
export const CELL_WIDTH = ${CELL_WIDTH};
export const CELL_HEIGHT = ${cellHeight};

/** Codes of the first and the last character. */
export const FIRST_CODE = ${FIRST};
export const LAST_CODE = ${LAST};

/** Coverage 0 to 15 of each pixel, cell by cell and row by row, two to a byte, the first uppermost; base64. */
export const COVERAGE: string =
  '${packed.toString('base64')}';
`,
);
console.log(`${LAST - FIRST + 1} characters of ${CELL_WIDTH}x${cellHeight}, ${packed.length} bytes`);
