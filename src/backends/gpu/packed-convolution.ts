/**
 * The fast convolution, on packed tensors.
 *
 * What limits the obvious kernel is not arithmetic but fetches: two for each multiply-add, each behind several integer
 * divisions. Here an invocation computes `tile` neighbouring pixels of four filters at once. Per tap and group of four
 * channels it fetches four texels of weights, each used by all its pixels, and the texels of the image, each used by
 * all taps that pass over it: 16 · tile multiply-adds for 4 + 1 to 4 + tile fetches. Every size is a literal, and the
 * zero borders spare the test for the edge.
 *
 *   textures (webgl2)  One invocation can give one texel to each of up to eight textures (a kernel map): pixel j of a
 *                      tile goes to texture j. A second kernel merges them, adds bias and residual, applies the
 *                      activation and writes the borders.
 *   buffers (webgpu)   An invocation stores as many texels as it likes where they belong: one kernel does everything.
 *
 * Letters  N images, C input channels, O filters, H × W input, P × Q output, I × J taps; n image, g group of four
 *          channels, i × j tap, l lane in a texel
 */
import {
  type ConvolutionGeometry,
  convolutionGeometry,
  pair,
  type WindowAttributes,
} from '../../ops/index.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Argument, KernelSpec, Lowering, NodeView, Step, Upload } from './kernel.ts';
import type { PackedLayout } from './layout.ts';
import { texelHelpers } from './texel-kernel.ts';
import { placeOf, quotient, tableAt, texelAt, texelKernel } from './texel-source.ts';

const LANES = [0, 1, 2, 3] as const;
const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/** Zeros that the window wants around its input: what it hangs over the edge. */
export function filterBorder({ pad, groups }: Required<WindowAttributes>): number {
  return groups === 1 ? Math.max(...pair(pad)) : 0;
}

/** All that the sources depend on. */
interface Plan {
  readonly geometry: ConvolutionGeometry;
  readonly input: PackedLayout;
  readonly result: PackedLayout;
  readonly residual: PackedLayout | undefined;
  readonly slope: number;
  readonly tile: number;
}

/** Undefined for grouped convolutions and for weights that are computed in the graph. */
export function packedConvolution(
  node: NodeView<Required<WindowAttributes>>,
  slope: number,
): Lowering | undefined {
  const { inputs, attributes, capabilities } = node;
  const geometry = convolutionGeometry('convolution', inputs[0]!, inputs[1]!, attributes);
  const input = node.packedInput(0);
  const result = node.packedOutput(0);
  const residual = inputs.length > 3 ? node.packedInput(3) : undefined;
  const known = inputs.slice(1, 3).every((_, k) => node.isParameter(k + 1));
  if (geometry.groups > 1 || !known || !input || !result || (inputs.length > 3 && !residual))
    return undefined;
  const { maxSide, tile } = capabilities;
  const rows = Math.ceil(geometry.O / 4) * geometry.I * geometry.J;
  if (rows > maxSide || 4 * input.down * input.across > maxSide) return undefined;
  const plan = { geometry, input, result, residual, slope, tile: Math.max(2, Math.min(tile, geometry.Q)) };
  const weights: Argument = {
    from: 'weights',
    inputs: [1],
    pack: ([weight]) => packFilters(weight!, 4 * input.down * input.across),
  };
  const biases = inputs.length > 2 ? [2] : [];
  const bias: Argument = { from: 'weights', inputs: biases, pack: ([b]) => packBias(b, geometry.O) };
  return capabilities.packed === 'textures'
    ? onTextures(plan, weights, bias)
    : onBuffers(plan, weights, bias);
}

/**
 * Filters as texels: the four filters of a group, at column `input channel`, row `group · I · J + tap`. Channels and
 * filters that do not fill a group of four are zeros.
 */
export function packFilters({ shape, data }: Tensor, columns: number): Upload {
  const [O, C, I, J] = shape as unknown as readonly [number, number, number, number];
  const taps = I * J;
  const rows = Math.ceil(O / 4) * taps;
  const packed = new Float32Array(4 * columns * rows);
  for (let o = 0; o < O; o++) {
    for (let c = 0; c < C; c++) {
      for (let tap = 0; tap < taps; tap++) {
        const row = (o >> 2) * taps + tap;
        packed[(row * columns + c) * 4 + (o & 3)] = data[(o * C + c) * taps + tap]!;
      }
    }
  }
  return { layout: { kind: 'texels', columns, rows }, data: packed };
}

/** A texel of biases per group of filters; zeros without a bias. */
export function packBias(bias: Tensor | undefined, O: number): Upload {
  const columns = Math.ceil(O / 4);
  const data = new Float32Array(4 * columns);
  if (bias) data.set(bias.data);
  return { layout: { kind: 'texels', columns, rows: 1 }, data };
}

/** Names: accumulator of pixel j, group q of filters, lane l; texel of the image at column c; weight texel. */
const sumOf = (j: number, l: number): string => `a${j}l${l}`;

/**
 * The loops over channels and taps that fill the accumulators.
 *
 * @param weightAt text of the weight texel at texts of tap and input channel
 */
function accumulate(
  { geometry, input, tile }: Plan,
  texel: (row: string, column: string) => string,
  weightAt: (tap: string, channel: string) => string,
  n: string,
): string {
  const { I, J, strideY, strideX, padY, padX, dilationY, dilationX } = geometry;
  const { H, W, border, down, across } = input;
  const pixels = range(tile);
  const offsets = [...new Set(pixels.flatMap((j) => range(J).map((k) => j * strideX + k * dilationX)))];
  const plane = H + border;
  const row = `((${n}) * ${down} + v) * ${plane} + ${border - padY} + this.thread.y * ${strideY} + i * ${dilationY}`;
  const left = across === 1 ? '' : `u * ${W + 2 * border} + `;
  const column = `${left}${border - padX} + this.thread.x * ${tile * strideX}`;
  const fetches = offsets.map((c) => `const v${c} = ${texel(row, `${column} + ${c}`)};`);
  const taps = range(J).map((k) => {
    const weights = LANES.map((l) => {
      const channel = across === 1 ? `v * 4 + ${l}` : `(v * ${across} + u) * 4 + ${l}`;
      return `const w${k}i${l} = ${weightAt(`i * ${J} + ${k}`, channel)};`;
    });
    const sums = pixels.flatMap((j) =>
      LANES.map((l) => {
        const products = LANES.map((i) => `v${j * strideX + k * dilationX}[${i}] * w${k}i${i}[${l}]`);
        return `${sumOf(j, l)} += ${products.join(' + ')};`;
      }),
    );
    return [...weights, ...sums].join(' ');
  });
  const zeros = pixels.flatMap((j) => LANES.map((l) => `let ${sumOf(j, l)} = 0;`));
  const inner = `for (let i = 0; i < ${I}; i++) { ${fetches.join(' ')} ${taps.join(' ')} }`;
  const bands = across === 1 ? inner : `for (let u = 0; u < ${across}; u++) { ${inner} }`;
  return `${zeros.join(' ')} for (let v = 0; v < ${down}; v++) { ${bands} }`;
}

/** Text of the activation of a sum. */
const activation = (sum: string, slope: number): string =>
  slope === 1 ? sum : slope === 0 ? `Math.max(${sum}, 0)` : `(${sum} > 0 ? ${sum} : ${sum} * ${slope})`;

function onTextures(plan: Plan, weights: Argument, bias: Argument): Lowering {
  const { geometry, result, residual, slope, tile } = plan;
  const { N, P, Q, I, J } = geometry;
  const tiles = Math.ceil(Q / tile);
  const planes = N * result.groups;
  const image = N === 1 ? '0' : quotient('this.thread.z', result.groups);
  const group = N === 1 ? 'this.thread.z' : `(this.thread.z - n * ${result.groups})`;
  const body = accumulate(
    plan,
    (row, column) => `x[${row}][${column}]`,
    (tap, channel) => `w[${group} * ${I * J} + ${tap}][${channel}]`,
    'n',
  );
  const stores = range(tile)
    .slice(1)
    .map((j) => `s${j}([${LANES.map((l) => sumOf(j, l)).join(', ')}]);`);
  const source = `function tiles(x, w) { const n = ${image}; ${body} ${stores.join(' ')}
  return [${LANES.map((l) => sumOf(0, l)).join(', ')}]; }`;
  const grid = { kind: 'texels', columns: tiles, rows: P * planes } as const;
  const spec: KernelSpec = {
    name: 'tiles',
    source,
    output: [tiles, P, planes],
    gives: 'parts',
    parts: tile,
    result: grid,
  };
  const steps: Step[] = [{ spec, arguments: [{ from: 'input', index: 0, as: 'packed' }, weights] }];
  const parts = range(tile).map((part): Argument => ({ from: 'step', index: 0, part }));
  const residuals: Argument[] = residual ? [{ from: 'input', index: 3, as: 'packed' }] : [];
  steps.push({ spec: merge(result, residual, slope, tile), arguments: [bias, ...residuals, ...parts] });
  return { steps, outputs: [1] };
}

/** Pixel x lies in texture x mod tile: bias, residual, activation, and zeros for the borders. */
function merge(
  result: PackedLayout,
  residual: PackedLayout | undefined,
  slope: number,
  tile: number,
): KernelSpec {
  const lanes = (f: (l: number) => string): string => LANES.map(f).join(' ');
  const pick = range(tile).map(
    (j) =>
      `if (lane === ${j}) { const v = p${j}[n * ${result.groups} + g][y][at]; ${lanes((l) => `s${l} = v[${l}];`)} }`,
  );
  const shortcut = residual ? `const e = ${texelAt('textures', 'e0', residual, 'n', 'g', 'y', 'x')};` : '';
  const body = `const at = ${quotient('x', tile)}; const lane = x - at * ${tile};
  ${lanes((l) => `let s${l} = 0;`)}
  ${pick.join(' else ')}
  const b = ${tableAt('textures', 'b0', 'g')}; ${shortcut}
  ${lanes((l) => `s${l} += b[${l}]${residual ? ` + e[${l}]` : ''};`)}
  ${lanes((l) => `const r${l} = ${activation(`s${l}`, slope)};`)}`;
  const names = ['b0', ...(residual ? ['e0'] : []), ...range(tile).map((j) => `p${j}`)];
  return texelKernel('textures', 'merge', names, result, body);
}

function onBuffers(plan: Plan, weights: Argument, bias: Argument): Lowering {
  const { geometry, input, result, residual, slope, tile } = plan;
  const { N, P, Q, I, J } = geometry;
  const columns = 4 * input.down;
  const image = N === 1 ? '0' : quotient('this.thread.z', result.groups);
  const group = N === 1 ? 'this.thread.z' : `(this.thread.z - n * ${result.groups})`;
  const body = accumulate(
    plan,
    (row, column) => `ldx((${row}) * ${input.columns} + ${column})`,
    (tap, channel) => `ldw((${group} * ${I * J} + ${tap}) * ${columns} + ${channel})`,
    'n',
  );
  const puts = range(tile).map((j) => {
    const x = `this.thread.x * ${tile} + ${j}`;
    const { row, column } = placeOf(result, 'n', group, 'this.thread.y', x);
    const index = `(${row}) * ${result.columns} + ${column}`;
    const shortcut = residual
      ? `const e${j} = ${texelAt('buffers', 'e', residual, 'n', group, 'this.thread.y', x)};`
      : '';
    const values = LANES.map((l) => {
      const sum = `${sumOf(j, l)} + bias[${l}]${residual ? ` + e${j}[${l}]` : ''}`;
      return `const o${j}l${l} = ${sum};`;
    });
    const stored = LANES.map((l) => activation(`o${j}l${l}`, slope)).join(', ');
    const put = `${shortcut} ${values.join(' ')} put(${index}, ${stored});`;
    return Q % tile === 0 ? put : `if (${x} < ${Q}) { ${put} }`;
  });
  const source = `function convolution(x, w, b${residual ? ', e' : ''}) { const n = ${image};
  ${body} const bias = ldb(${group}); ${puts.join(' ')} return 0; }`;
  const names = ['x', 'w', 'b', ...(residual ? ['e'] : [])];
  const spec: KernelSpec = {
    name: 'convolution',
    source,
    output: [Math.ceil(Q / tile), P, N * result.groups],
    gives: 'puts',
    helpers: texelHelpers(names),
    result,
  };
  const residuals: Argument[] = residual ? [{ from: 'input', index: 3, as: 'packed' }] : [];
  const args: Argument[] = [{ from: 'input', index: 0, as: 'packed' }, weights, bias, ...residuals];
  return { steps: [{ spec, arguments: args }], outputs: [0] };
}
