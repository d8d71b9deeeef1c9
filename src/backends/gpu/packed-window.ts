/**
 * The fast kernel of convolution and deconvolution, on packed tensors.
 *
 * What limits the obvious kernel is not arithmetic but fetches: two for each multiply-add, each behind several integer
 * divisions. Here an invocation computes a tile of pixels of four or eight filters at once. Per row of taps and
 * group of four channels it fetches four texels of weights for each tap, used by all its pixels, and the texels of the
 * image under the tile, used by all taps that pass over them. Every size is a literal, and the zero borders of packed
 * tensors spare the test for the edge.
 *
 *   textures (webgl2)  An invocation can give one texel to each of up to eight textures (a kernel map): pixel j of the
 *                      tile goes to texture j. A second kernel merges them, adds the residual, applies the activation
 *                      and writes the borders.
 *   buffers (webgpu)   An invocation stores as many texels as it likes where they belong: one kernel does everything.
 *
 * Letters  n image, g group of four filters, i row of taps, j pixel of a tile, k column of taps, l lane of a texel,
 *          q one of the groups of filters that an invocation computes
 */
import type { Argument, KernelSpec, Lowering } from './kernel.ts';
import { eachLane } from './lanes.ts';
import type { PackedLayout } from './layout.ts';
import { accumulate, type Readers, sumOf } from './packed-sums.ts';
import { texelHelpers } from './texel-kernel.ts';
import { placeOf, quotient, texelAt, texelKernel } from './texel-source.ts';

/** Rows of the input that one row of the output reads, and the rows of taps they meet, in step. */
export interface RowTaps {
  readonly count: number;
  /** Input row of the first one, relative to `rowStep` times the band of output rows. */
  readonly offset: number;
  readonly offsetStep: number;
  /** Row of taps of the first one. */
  readonly tap: number;
  readonly tapStep: number;
}

/** A pixel of a tile: which input columns it reads, relative to the tile's first, and the columns of taps they meet. */
export type PixelTaps = readonly { readonly column: number; readonly tap: number }[];

export interface PackedWindow {
  readonly input: PackedLayout;
  readonly result: PackedLayout;
  readonly residual: PackedLayout | undefined;
  /** Taps per filter, and per row of taps. */
  readonly taps: number;
  readonly tapsPerRow: number;
  /** Output rows come in bands of as many as there are phases; row r of a band has the taps `phases[r]`. */
  readonly phases: readonly RowTaps[];
  /** The pixels of a tile, from left to right. */
  readonly pixels: readonly PixelTaps[];
  /**
   * Whether the pixels of a tile are neighbours, so that taps share what they fetch, or pixel j lies in the j-th part
   * of the row: where nothing can be shared, neighbouring invocations then work on neighbouring pixels.
   */
  readonly spread: 'neighbours' | 'parts of the row';
  /** Groups of filters per invocation. Two halve the fetches of the image. */
  readonly filterGroups: number;
  /** Steps of the input per band of output rows, and per tile. */
  readonly rowStep: number;
  readonly columnStep: number;
  /** Activation: what negative sums are multiplied by. */
  readonly slope: number;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/** Tiles per row. */
export const tilesOf = (columns: number, tile: number): number => Math.ceil(columns / tile);

/** The smallest tile of at most so many pixels that needs no more invocations for a row. */
export const evenTile = (columns: number, most: number): number =>
  Math.ceil(columns / tilesOf(columns, most));

/** Text of the activation of a sum. */
export const activation = (sum: string, slope: number): string =>
  slope === 1 ? sum : slope === 0 ? `Math.max(${sum}, 0)` : `(${sum} > 0 ? ${sum} : ${sum} * ${slope})`;

/** Invocations along z: groups of filters of all images, so many at a time. */
const stacksOf = ({ result, filterGroups }: PackedWindow): number => Math.ceil(result.groups / filterGroups);

/** Texts of n and of the group q of an invocation. */
function imageAndGroup(window: PackedWindow): { declare: string; group: (q: number) => string } {
  const { result, filterGroups } = window;
  const stacks = stacksOf(window);
  const stack = result.N === 1 ? 'this.thread.z' : `(this.thread.z - n * ${stacks})`;
  return {
    declare: result.N === 1 ? '' : `const n = ${quotient('this.thread.z', stacks)};`,
    group: (q) => (filterGroups === 1 ? stack : `(${stack} * ${filterGroups} + ${q})`),
  };
}

/** The steps of a window. @param residual the argument of `window.residual` */
export function windowKernels(
  storage: 'textures' | 'buffers',
  window: PackedWindow,
  weights: Argument,
  bias: Argument,
  residual?: Argument,
): Lowering {
  const image: Argument = { from: 'input', index: 0, as: 'packed' };
  const residuals = residual ? [residual] : [];
  if (storage === 'buffers') {
    const spec = onBuffers(window);
    return { steps: [{ spec, arguments: [image, weights, bias, ...residuals] }], outputs: [0] };
  }
  const steps = window.phases.map((phase) => ({
    spec: tilesKernel(window, phase),
    arguments: [image, weights, bias],
  }));
  const parts = steps.flatMap((_, index) =>
    range(window.pixels.length * window.filterGroups).map((part): Argument => ({
      from: 'step',
      index,
      part,
    })),
  );
  const merge = { spec: mergeKernel(window), arguments: [...residuals, ...parts] };
  return { steps: [...steps, merge], outputs: [steps.length] };
}

/** One phase of rows: a texture for each pixel and group of filters of the tile. */
function tilesKernel(window: PackedWindow, phase: RowTaps): KernelSpec {
  const { result, taps, pixels, phases, filterGroups } = window;
  const { declare, group } = imageAndGroup(window);
  const body = accumulate(window, phase, {
    storage: 'textures',
    image: (row, column) => `x[${row}][${column}]`,
    weight: (q, tap, channel) => `w[${group(q)} * ${taps} + ${tap}][${channel}]`,
  });
  const biases = range(filterGroups).map((q) => `const b${q} = bias[0][${group(q)}];`);
  const texels = range(filterGroups).flatMap((q) =>
    pixels.map((_, j) => `[${eachLane((l) => sumOf(j, q, l), ', ')}]`),
  );
  const others = texels.slice(1).map((texel, part) => `s${part + 1}(${texel});`);
  const source = `function tiles(x, w, bias) { ${declare} ${biases.join(' ')} ${body} ${others.join(' ')} return ${texels[0]!}; }`;
  const columns = tilesOf(result.W, pixels.length);
  const rows = Math.ceil(result.H / phases.length);
  const planes = result.N * stacksOf(window);
  return {
    name: 'tiles',
    source,
    output: [columns, rows, planes],
    gives: 'parts',
    parts: texels.length,
    result: { kind: 'texels', columns, rows: rows * planes, planes },
  };
}

/** Which texture a pixel lies in, and where: phase by row, pixel of the tile by column, group of filters by plane. */
function mergeKernel(window: PackedWindow): KernelSpec {
  const { result, residual, slope, phases, pixels, filterGroups, spread } = window;
  const tile = pixels.length;
  const tiles = tilesOf(result.W, tile);
  const stacks = stacksOf(window);
  const place =
    spread === 'neighbours'
      ? `const at = ${quotient('x', tile)}; const lane = x - at * ${tile};`
      : `const lane = ${quotient('x', tiles)}; const at = x - lane * ${tiles};`;
  const parts = phases.flatMap((_, phase) =>
    range(filterGroups).flatMap((q) => pixels.map((_pixel, j) => ({ phase, q, j }))),
  );
  const pick = parts.map(({ phase, q, j }, part) => {
    const row = phases.length === 1 ? '' : `y - row * ${phases.length} === ${phase} && `;
    const filters = filterGroups === 1 ? '' : `g - stack * ${filterGroups} === ${q} && `;
    const read = `const v = p${part}[n * ${stacks} + stack][row][at];`;
    return `if (${row}${filters}lane === ${j}) { ${read} ${eachLane((l) => `s${l} = v[${l}];`)} }`;
  });
  const shortcut = residual
    ? `const e = ${texelAt('textures', 'e0', residual, 'n', 'g', 'y', 'x')}; ${eachLane((l) => `s${l} += e[${l}];`)}`
    : '';
  const body = `${place} const row = ${quotient('y', phases.length)}; const stack = ${quotient('g', filterGroups)};
  ${eachLane((l) => `let s${l} = 0;`)}
  ${pick.join(' else ')}
  ${shortcut}
  ${eachLane((l) => `const r${l} = ${activation(`s${l}`, slope)};`)}`;
  const names = [...(residual ? ['e0'] : []), ...parts.map((_, part) => `p${part}`)];
  return texelKernel('textures', 'merge', names, result, body);
}

/** Everything in one kernel: a tile in all phases of a band, each put where it belongs. */
function onBuffers(window: PackedWindow): KernelSpec {
  const { input, result, residual, taps, phases, pixels, filterGroups } = window;
  const { declare, group } = imageAndGroup(window);
  const readers: Readers = {
    storage: 'buffers',
    image: (row, column) => `ldx((${row}) * ${input.columns} + ${column})`,
    weight: (q, tap, channel) =>
      `ldw((${group(q)} * ${taps} + ${tap}) * ${4 * input.down * input.across} + ${channel})`,
  };
  const blocks = phases.map((phase, r) => {
    const y = phases.length === 1 ? 'this.thread.y' : `(this.thread.y * ${phases.length} + ${r})`;
    const puts = range(filterGroups).map((q) => {
      const all = pixels.map((_, j) => putPixel(window, j, q, group(q), y)).join(' ');
      const last = result.groups % filterGroups !== 0 && q > 0;
      return last ? `if (${group(q)} < ${result.groups}) { ${all} }` : all;
    });
    const guarded =
      result.H % phases.length === 0 ? puts.join(' ') : `if (${y} < ${result.H}) { ${puts.join(' ')} }`;
    const block = `${accumulate(window, phase, readers)} ${guarded}`;
    return phases.length === 1 ? block : block.replaceAll(/\ba(\d+q\d+l\d)/g, `h${r}a$1`);
  });
  const names = ['x', 'w', 'bias', ...(residual ? ['e'] : [])];
  const biases = range(filterGroups).map((q) => `const b${q} = ldbias(${group(q)});`);
  const source = `function convolution(${names.join(', ')}) { ${declare} ${biases.join(' ')} ${blocks.join('\n')} return 0; }`;
  return {
    name: 'convolution',
    source,
    output: [
      tilesOf(result.W, pixels.length),
      Math.ceil(result.H / phases.length),
      result.N * stacksOf(window),
    ],
    gives: 'puts',
    helpers: texelHelpers(names),
    result,
  };
}

/** Text that stores pixel j of a tile in row `y`, unless it hangs over the edge. */
function putPixel(
  { result, residual, pixels, slope, spread }: PackedWindow,
  j: number,
  q: number,
  group: string,
  y: string,
): string {
  const tile = pixels.length;
  const tiles = tilesOf(result.W, tile);
  const x = spread === 'neighbours' ? `this.thread.x * ${tile} + ${j}` : `this.thread.x + ${j * tiles}`;
  const { row, column } = placeOf(result, 'n', group, y, x);
  const sum = (l: number): string => sumOf(j, q, l);
  const shortcut = residual
    ? `const ${sum(0)}e = ${texelAt('buffers', 'e', residual, 'n', group, y, x)}; ${eachLane((l) => `${sum(l)} += ${sum(0)}e[${l}];`)}`
    : '';
  const put = `${shortcut} put((${row}) * ${result.columns} + ${column}, ${eachLane((l) => activation(sum(l), slope), ', ')});`;
  const whole = spread === 'neighbours' ? result.W % tile === 0 : (j + 1) * tiles <= result.W;
  return whole ? put : `if (${x} < ${result.W}) { ${put} }`;
}
