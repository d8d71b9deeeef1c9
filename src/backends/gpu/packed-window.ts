/**
 * The fast kernel of convolution and deconvolution, on packed tensors.
 *
 * What limits the obvious kernel is not arithmetic but fetches: two for each multiply-add, each behind several integer
 * divisions. Here an invocation computes a tile of neighbouring pixels of four filters at once. Per row of taps and
 * group of four channels it fetches four texels of weights for each tap, used by all its pixels, and the texels of the
 * image under the tile, used by all taps that pass over them. Every size is a literal, and the zero borders of packed
 * tensors spare the test for the edge.
 *
 *   textures (webgl2)  An invocation can give one texel to each of up to eight textures (a kernel map): pixel j of the
 *                      tile goes to texture j. A second kernel merges them, adds the residual, applies the activation
 *                      and writes the borders.
 *   buffers (webgpu)   An invocation stores as many texels as it likes where they belong: one kernel does everything.
 *
 * Letters  n image, g group of four filters, i row of taps, j pixel of a tile, k column of taps, l lane of a texel
 */
import type { Argument, KernelSpec, Lowering } from './kernel.ts';
import type { PackedLayout } from './layout.ts';
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
  /** Steps of the input per band of output rows, and per tile. */
  readonly rowStep: number;
  readonly columnStep: number;
  /** Activation: what negative sums are multiplied by. */
  readonly slope: number;
}

const LANES = [0, 1, 2, 3] as const;
const each = (f: (l: number) => string, separator = ' '): string => LANES.map(f).join(separator);

/** Accumulator of pixel j, lane l. */
const sumOf = (j: number, l: number): string => `a${j}l${l}`;

/** Text of the activation of a sum. */
const activation = (sum: string, slope: number): string =>
  slope === 1 ? sum : slope === 0 ? `Math.max(${sum}, 0)` : `(${sum} > 0 ? ${sum} : ${sum} * ${slope})`;

/** Texts by which a storage reads the image and the weights. */
interface Readers {
  readonly image: (row: string, column: string) => string;
  readonly weight: (tap: string, channel: string) => string;
}

/** The loops over channels and rows of taps that add to the accumulators, which start at the bias in `b`. */
function accumulate(window: PackedWindow, phase: RowTaps, { image, weight }: Readers): string {
  const { input, pixels, tapsPerRow, rowStep, columnStep } = window;
  const { W, H, border, down, across, N } = input;
  const first = N === 1 ? 'v' : `(n * ${down} + v)`;
  const row = `${first} * ${H + border} + ${border + phase.offset} + this.thread.y * ${rowStep} + i * ${phase.offsetStep}`;
  const left = across === 1 ? '' : `u * ${W + 2 * border} + `;
  const column = (c: number): string => `${left}this.thread.x * ${columnStep} + ${border + c}`;
  const name = (c: number): string => `v${c < 0 ? `m${-c}` : c}`;
  const columns = [...new Set(pixels.flatMap((taps) => taps.map((tap) => tap.column)))].sort((a, b) => a - b);
  const fetches = columns.map((c) => `const ${name(c)} = ${image(row, column(c))};`);
  const channel = across === 1 ? 'v * 4' : `(v * ${across} + u) * 4`;
  const used = [...new Set(pixels.flatMap((taps) => taps.map(({ tap }) => tap)))];
  const weights = used.flatMap((k) => {
    const tap = `(${phase.tap} + i * ${phase.tapStep}) * ${tapsPerRow} + ${k}`;
    return LANES.map((i) => `const w${k}i${i} = ${weight(tap, `${channel} + ${i}`)};`);
  });
  const sums = pixels.flatMap((taps, j) =>
    taps.flatMap(({ column: c, tap: k }) =>
      LANES.map((l) => `${sumOf(j, l)} += ${each((i) => `${name(c)}[${i}] * w${k}i${i}[${l}]`, ' + ')};`),
    ),
  );
  const starts = pixels.flatMap((_, j) => LANES.map((l) => `let ${sumOf(j, l)} = b[${l}];`));
  const inner = `for (let i = 0; i < ${phase.count}; i++) { ${[...fetches, ...weights, ...sums].join(' ')} }`;
  const bands = across === 1 ? inner : `for (let u = 0; u < ${across}; u++) { ${inner} }`;
  return `${starts.join(' ')} for (let v = 0; v < ${down}; v++) { ${bands} }`;
}

/** Texts of n and g of an invocation, whose z counts the groups of all images. */
function imageAndGroup({ N, groups }: PackedLayout): { declare: string; group: string } {
  if (N === 1) return { declare: '', group: 'this.thread.z' };
  return {
    declare: `const n = ${quotient('this.thread.z', groups)};`,
    group: `(this.thread.z - n * ${groups})`,
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
    window.pixels.map((_pixel, part): Argument => ({ from: 'step', index, part })),
  );
  const merge = { spec: mergeKernel(window), arguments: [...residuals, ...parts] };
  return { steps: [...steps, merge], outputs: [steps.length] };
}

/** One phase of rows: a texture for each pixel of the tile. */
function tilesKernel(window: PackedWindow, phase: RowTaps): KernelSpec {
  const { result, taps, pixels, phases } = window;
  const { declare, group } = imageAndGroup(result);
  const body = accumulate(window, phase, {
    image: (row, column) => `x[${row}][${column}]`,
    weight: (tap, channel) => `w[${group} * ${taps} + ${tap}][${channel}]`,
  });
  const texel = (j: number): string => `[${each((l) => sumOf(j, l), ', ')}]`;
  const others = pixels.map((_, j) => (j === 0 ? '' : `s${j}(${texel(j)});`)).join(' ');
  const source = `function tiles(x, w, b0) { ${declare} const b = b0[0][${group}]; ${body} ${others} return ${texel(0)}; }`;
  const [columns, rows] = [Math.ceil(result.W / pixels.length), Math.ceil(result.H / phases.length)];
  const planes = result.N * result.groups;
  return {
    name: 'tiles',
    source,
    output: [columns, rows, planes],
    gives: 'parts',
    parts: pixels.length,
    result: { kind: 'texels', columns, rows: rows * planes },
  };
}

/** Pixel (y, x) lies in part x mod tile of phase y mod phases. */
function mergeKernel({ result, residual, slope, phases, pixels }: PackedWindow): KernelSpec {
  const tile = pixels.length;
  const parts = phases.flatMap((_, phase) => pixels.map((_pixel, j) => ({ phase, j })));
  const pick = parts.map(({ phase, j }, part) => {
    const row = phases.length === 1 ? '' : `y - row * ${phases.length} === ${phase} && `;
    const read = `const v = p${part}[n * ${result.groups} + g][row][at];`;
    return `if (${row}lane === ${j}) { ${read} ${each((l) => `s${l} = v[${l}];`)} }`;
  });
  const shortcut = residual
    ? `const e = ${texelAt('textures', 'e0', residual, 'n', 'g', 'y', 'x')}; ${each((l) => `s${l} += e[${l}];`)}`
    : '';
  const body = `const at = ${quotient('x', tile)}; const lane = x - at * ${tile};
  const row = ${quotient('y', phases.length)};
  ${each((l) => `let s${l} = 0;`)}
  ${pick.join(' else ')}
  ${shortcut}
  ${each((l) => `const r${l} = ${activation(`s${l}`, slope)};`)}`;
  const names = [...(residual ? ['e0'] : []), ...parts.map((_, part) => `p${part}`)];
  return texelKernel('textures', 'merge', names, result, body);
}

/** Everything in one kernel: a tile in all phases of a band, each put where it belongs. */
function onBuffers(window: PackedWindow): KernelSpec {
  const { input, result, residual, taps, phases, pixels } = window;
  const { declare, group } = imageAndGroup(result);
  const readers: Readers = {
    image: (row, column) => `ldx((${row}) * ${input.columns} + ${column})`,
    weight: (tap, channel) =>
      `ldw((${group} * ${taps} + ${tap}) * ${4 * input.down * input.across} + ${channel})`,
  };
  const blocks = phases.map((phase, r) => {
    const y = phases.length === 1 ? 'this.thread.y' : `(this.thread.y * ${phases.length} + ${r})`;
    const puts = pixels.map((_, j) => putPixel(window, j, group, y)).join(' ');
    const guarded = result.H % phases.length === 0 ? puts : `if (${y} < ${result.H}) { ${puts} }`;
    const block = `${accumulate(window, phase, readers)} ${guarded}`;
    return phases.length === 1 ? block : block.replaceAll(/\ba(\d+l\d)\b/g, `q${r}a$1`);
  });
  const names = ['x', 'w', 'b0', ...(residual ? ['e'] : [])];
  const source = `function convolution(${names.join(', ')}) { ${declare} const b = ldb0(${group}); ${blocks.join('\n')} return 0; }`;
  return {
    name: 'convolution',
    source,
    output: [
      Math.ceil(result.W / pixels.length),
      Math.ceil(result.H / phases.length),
      result.N * result.groups,
    ],
    gives: 'puts',
    helpers: texelHelpers(names),
    result,
  };
}

/** Text that stores pixel j of a tile in row `y`, unless it hangs over the edge. */
function putPixel(
  { result, residual, pixels, slope }: PackedWindow,
  j: number,
  group: string,
  y: string,
): string {
  const tile = pixels.length;
  const x = `this.thread.x * ${tile} + ${j}`;
  const { row, column } = placeOf(result, 'n', group, y, x);
  const sum = (l: number): string => sumOf(j, l);
  const shortcut = residual
    ? `const ${sum(0)}e = ${texelAt('buffers', 'e', residual, 'n', group, y, x)}; ${each((l) => `${sum(l)} += ${sum(0)}e[${l}];`)}`
    : '';
  const put = `${shortcut} put((${row}) * ${result.columns} + ${column}, ${each((l) => activation(sum(l), slope), ', ')});`;
  return result.W % tile === 0 ? put : `if (${x} < ${result.W}) { ${put} }`;
}
