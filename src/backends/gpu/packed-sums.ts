/**
 * The sums of the fast convolution: text of the loops over channels and taps (see `packed-window.ts`).
 *
 * Letters  i row of taps, j pixel of a tile, k column of taps, l lane of a texel, q one of the groups of filters, u × v
 *          plane of four channels
 */
import { eachLane, LANES } from './lanes.ts';
import type { PackedWindow, RowTaps } from './packed-window.ts';

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/** Accumulator of pixel j, group q, lane l. */
export const sumOf = (j: number, q: number, l: number): string => `a${j}q${q}l${l}`;

/** Texts by which a storage reads the image and the weights of group q. */
export interface Readers {
  readonly storage: 'textures' | 'buffers';
  readonly image: (row: string, column: string) => string;
  readonly weight: (q: number, tap: string, channel: string) => string;
}

/** Groups of channels per step of the loop over them, where a step is short: the first that divides them. */
const STEPS = { textures: [4, 2, 1], buffers: [1] } as const;

/**
 * The loops over channels and rows of taps that add to the accumulators, which start at the bias in `bQ`.
 *
 * At the end of a step a processor that draws copies every accumulator under the mask of the pixels that are not done. So
 * loops of one step are left out, and where a step has one row of taps, it takes several groups of channels. Compute
 * shaders, which have twice as many accumulators, are slower for that.
 */
export function accumulate(window: PackedWindow, phase: RowTaps, readers: Readers): string {
  const { pixels, filterGroups, input } = window;
  const { across, down } = input;
  const short = phase.count * window.tapsPerRow === 1 && across === 1;
  const each = (short && STEPS[readers.storage].find((step) => down % step === 0)) || 1;
  const inner = range(each).map((step) => {
    const v = each === 1 ? 'v' : `(v * ${each} + ${step})`;
    return accumulateRow(window, phase, readers, v, step);
  });
  const starts = pixels.flatMap((_, j) =>
    range(filterGroups).flatMap((q) => LANES.map((l) => `let ${sumOf(j, q, l)} = b${q}[${l}];`)),
  );
  const rows = loop('i', phase.count, inner.join(' '));
  return `${starts.join(' ')} ${loop('v', down / each, loop('u', across, rows))}`;
}

/** Text of a loop; of what it repeats where that is done once. */
const loop = (variable: string, count: number, body: string): string =>
  count === 1 && variable !== 'v'
    ? body
    : `for (let ${variable} = 0; ${variable} < ${count}; ${variable}++) { ${body} }`;

/** What a row of taps `i` adds for the group of channels in row `v`, column `u` of the planes. */
function accumulateRow(
  window: PackedWindow,
  phase: RowTaps,
  { image, weight }: Readers,
  v: string,
  step: number,
): string {
  const { input, pixels, tapsPerRow, rowStep, columnStep } = window;
  const { W, H, border, down, across, N } = input;
  const i = phase.count === 1 ? '0' : 'i';
  const first = N === 1 ? v : `(n * ${down} + ${v})`;
  const row = `${first} * ${H + border} + ${border + phase.offset} + this.thread.y * ${rowStep} + ${i} * ${phase.offsetStep}`;
  const left = across === 1 ? '' : `u * ${W + 2 * border} + `;
  const column = (c: number): string => `${left}this.thread.x * ${columnStep} + ${border + c}`;
  const name = (c: number): string => `v${step}c${c < 0 ? `m${-c}` : c}`;
  const columns = [...new Set(pixels.flatMap((taps) => taps.map((tap) => tap.column)))].sort((a, b) => a - b);
  const fetches = columns.map((c) => `const ${name(c)} = ${image(row, column(c))};`);
  const channel = across === 1 ? `${v} * 4` : `(${v} * ${across} + u) * 4`;
  const used = [...new Set(pixels.flatMap((taps) => taps.map(({ tap }) => tap)))];
  const perTap = used.flatMap((k) => {
    const tap = `(${phase.tap} + ${i} * ${phase.tapStep}) * ${tapsPerRow} + ${k}`;
    return range(window.filterGroups).flatMap((q) => {
      const texel = (lane: number): string => `w${step}k${k}q${q}i${lane}`;
      const weights = LANES.map((l) => `const ${texel(l)} = ${weight(q, tap, `${channel} + ${l}`)};`);
      const sums = pixels.flatMap((taps, j) =>
        taps
          .filter((pixel) => pixel.tap === k)
          .flatMap(({ column: c }) =>
            LANES.map((l) => {
              const products = eachLane((lane) => `${name(c)}[${lane}] * ${texel(lane)}[${l}]`, ' + ');
              return `${sumOf(j, q, l)} += ${products};`;
            }),
          ),
      );
      return [...weights, ...sums];
    });
  });
  return [...fetches, ...perTap].join(' ');
}
