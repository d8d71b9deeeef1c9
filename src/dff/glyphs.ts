/** The letters of labels at any height, scaled from one baked size. */
import { CELL_HEIGHT, CELL_WIDTH, COVERAGE, FIRST_CODE, LAST_CODE } from './font-atlas.ts';

export interface Glyphs {
  /** Pixels per character. */
  readonly width: number;
  readonly height: number;
  /** 0 to 255, cell by cell and row by row. */
  readonly coverage: Uint8Array;
  /** Number of the cell of a character. */
  readonly cellOf: (character: string) => number;
}

const CELLS = LAST_CODE - FIRST_CODE + 1;

/** Scaled fonts by height: a video needs the same one for every frame. */
const scaled = new Map<number, Glyphs>();

/** The font whose lines are `height` pixels high. */
export function glyphs(height: number): Glyphs {
  const known = scaled.get(height);
  if (known) return known;
  const made = scaleFont(height);
  scaled.set(height, made);
  return made;
}

function scaleFont(height: number): Glyphs {
  const width = Math.max(1, Math.round((CELL_WIDTH * height) / CELL_HEIGHT));
  const baked = unpack();
  const coverage = new Uint8Array(CELLS * width * height);
  const [across, down] = [overlaps(CELL_WIDTH, width), overlaps(CELL_HEIGHT, height)];
  for (let cell = 0; cell < CELLS; cell++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (const [row, rowWeight] of down[y]!) {
          for (const [column, weight] of across[x]!) {
            sum += baked[(cell * CELL_HEIGHT + row) * CELL_WIDTH + column]! * weight * rowWeight;
          }
        }
        coverage[(cell * height + y) * width + x] = Math.round(sum * 17); // 15 levels to 255
      }
    }
  }
  return { width, height, coverage, cellOf };
}

function cellOf(character: string): number {
  const code = character.codePointAt(0)!;
  return (code >= FIRST_CODE && code <= LAST_CODE ? code : 63) - FIRST_CODE; // 63: ?
}

/** The levels 0 to 15 of all baked pixels. */
function unpack(): Uint8Array {
  const packed = atob(COVERAGE);
  const levels = new Uint8Array(packed.length * 2);
  for (let i = 0; i < packed.length; i++) {
    const byte = packed.charCodeAt(i);
    levels[2 * i] = byte >> 4;
    levels[2 * i + 1] = byte & 15;
  }
  return levels;
}

type Share = readonly [from: number, weight: number];

/** For each target pixel of an axis, the source pixels that it covers and their shares, which add up to 1. */
function overlaps(source: number, target: number): Share[][] {
  const step = source / target;
  return Array.from({ length: target }, (_, t) => {
    const [start, end] = [t * step, (t + 1) * step];
    const shares: Share[] = [];
    for (let s = Math.floor(start); s < Math.min(end, source); s++) {
      const weight = (Math.min(end, s + 1) - Math.max(start, s)) / step;
      if (weight > 1e-9) shares.push([s, weight]);
    }
    return shares;
  });
}
