/**
 * What the self-test tries: kernels whose results are known. Each probe throws with what it got instead.
 */
import { type Graph, trace } from '../../graph/index.ts';
import { convolution } from '../../ops/index.ts';
import { ShapeError } from '../../tensor/errors.ts';
import { type Tensor, tensor } from '../../tensor/tensor.ts';
import type { Device } from './device.ts';
import type { Handle } from './gpujs.ts';
import type { KernelSpec, Upload } from './kernel.ts';
import { LANES } from './lanes.ts';
import { pack, type PackedLayout, packedLayout, plainLayout } from './layout.ts';
import { prepareProgram } from './plan.ts';
import { texelAt, texelKernel } from './texel-source.ts';
import { freeValue, hostOf } from './values.ts';

/** More than the 1000 steps after which gpu.js ends loops that it was not told enough about. */
export const STEPS = 1500;
/** The largest number up to which float32 counts. */
const LARGEST_EXACT = 2 ** 24;

/** A kernel of plain tensors. */
function plainSpec(name: string, source: string, shape: readonly number[]): KernelSpec {
  const result = plainLayout(shape);
  return { name, source, output: result.axes, gives: 'number', result };
}

/** Uploads, launches, reads the first result and frees everything. */
async function launchOnce(
  device: Device,
  spec: KernelSpec,
  uploads: readonly Upload[] = [],
  read: (handles: readonly Handle[]) => Promise<Float32Array> = ([handle]) =>
    readResult(device, spec, handle!),
): Promise<Float32Array> {
  const key = device.acquire(spec);
  const owned: Handle[] = [];
  try {
    for (const upload of uploads) owned.push(await device.upload(upload));
    const results = await device.launch(key, spec, [...owned]);
    owned.push(...results);
    return await read(results);
  } finally {
    owned.forEach((handle) => device.free(handle));
    device.release(key);
  }
}

function readResult(device: Device, { result, name }: KernelSpec, handle: Handle): Promise<Float32Array> {
  if (result.kind === 'texels') throw new Error(`kernel ${name} gives texels that are no tensor`);
  return device.read(handle, result);
}

/** @throws Error naming the first number that differs */
function expectNumbers(got: ArrayLike<number>, expected: ArrayLike<number>): void {
  for (let i = 0; i < expected.length; i++) {
    if (got[i] !== expected[i]) throw new Error(`number ${i} is ${got[i]}, expected ${expected[i]}`);
  }
}

export async function expectLoop(device: Device, bound: string): Promise<void> {
  const source = `function loop() { let n = 0; for (let i = 0; i < ${bound}; i++) { n += 1; } return n; }`;
  const spec = { ...plainSpec('loop', source, [2]), constants: { steps: STEPS } };
  expectNumbers(await launchOnce(device, spec), [STEPS, STEPS]);
}

const copy = (length: number): KernelSpec =>
  plainSpec('copy', 'function copy(x) { return x[this.thread.z][this.thread.y][this.thread.x]; }', [length]);

/** Half floats and reduced precision lose the last bits of these. */
export async function expectPrecision(device: Device): Promise<void> {
  const data = Float32Array.of(1 + 2 ** -20, LARGEST_EXACT - 1, 1e30, -1 / 3, 1e-30);
  const layout = plainLayout([data.length]);
  expectNumbers(await launchOnce(device, copy(data.length), [{ layout, data }]), data);
}

/** gpu.js's kernels reuse their result unless they are told not to. */
export async function expectOwnResults(device: Device): Promise<void> {
  const spec = copy(2);
  const layout = plainLayout([2]);
  const first = { layout, data: Float32Array.of(1, 2) };
  const second = { layout, data: Float32Array.of(3, 4) };
  await launchOnce(device, spec, [first], async ([kept]) => {
    expectNumbers(await launchOnce(device, spec, [second]), second.data);
    const got = await readResult(device, spec, kept!);
    expectNumbers(got, first.data);
    return got;
  });
}

/**
 * Sums the nine neighbours of every pixel of ones, twice: 4, 6 or 9 at first where the border is zeros. The second pass
 * reads the border that the first one wrote. Channels differ by a factor, and planes stand side by side.
 */
export async function expectBorders(device: Device): Promise<void> {
  const [C, H, W] = [7, 9, 2];
  const layout = packedLayout([1, C, H, W], 1, 12)!;
  const ones = Float32Array.from({ length: C * H * W }, (_, i) => Math.floor(i / (H * W)) + 1);
  const spec = neighbourSums(device, layout);
  const upload = { layout, data: pack(ones, layout) };
  const key = device.acquire(spec);
  try {
    await launchOnce(device, spec, [upload], async ([once]) => {
      const again = await device.launch(key, spec, [once!]);
      const got = await readResult(device, spec, again[0]!);
      again.forEach((handle) => device.free(handle));
      expectNumbers(got, sumNeighbours(sumNeighbours(ones, H, W), H, W));
      return got;
    });
  } finally {
    device.release(key);
  }
}

function neighbourSums({ capabilities }: Device, layout: PackedLayout): KernelSpec {
  const storage = capabilities.packed!;
  const steps = [-1, 0, 1];
  const taps = steps.flatMap((i) =>
    steps.map((j) => texelAt(storage, 'x0', layout, 'n', 'g', `y + ${i}`, `x + ${j}`)),
  );
  const fetched = taps.map((tap, k) => `const t${k} = ${tap};`).join(' ');
  const sums = LANES.map((l) => `const r${l} = ${taps.map((_, k) => `t${k}[${l}]`).join(' + ')};`);
  return texelKernel(storage, 'neighbours', ['x0'], layout, `${fetched} ${sums.join(' ')}`);
}

function sumNeighbours(data: Float32Array, H: number, W: number): Float32Array {
  const inside = (c: number, y: number, x: number): number =>
    y < 0 || y >= H || x < 0 || x >= W ? 0 : data[(c * H + y) * W + x]!;
  return data.map((_, i) => {
    const [x, y, c] = [i % W, Math.floor(i / W) % H, Math.floor(i / (H * W))];
    let sum = 0;
    for (const v of [y - 1, y, y + 1]) for (const u of [x - 1, x, x + 1]) sum += inside(c, v, u);
    return sum;
  });
}

/** Texture k of a kernel map is given 10 k, 10 k + 1, 10 k + 2, 10 k + 3. */
export async function expectParts(device: Device): Promise<void> {
  const { maxParts } = device.capabilities;
  const texel = (k: number): string => `[${LANES.map((l) => 10 * k + l).join(', ')}]`;
  const stores = Array.from({ length: maxParts - 1 }, (_, k) => `s${k + 1}(${texel(k + 1)});`);
  const result = packedLayout([1, 4, 2, 3], 0, 8)!;
  const spec: KernelSpec = {
    name: 'parts',
    source: `function parts() { ${stores.join(' ')} return ${texel(0)}; }`,
    output: [3, 2, 1],
    gives: 'parts',
    parts: maxParts,
    result,
  };
  await launchOnce(device, spec, [], async (handles) => {
    if (handles.length !== maxParts) throw new Error(`got ${handles.length} textures, expected ${maxParts}`);
    for (const [k, handle] of handles.entries()) {
      const expected = Float32Array.from({ length: 24 }, (_, i) => 10 * k + Math.floor(i / 6));
      expectNumbers(await device.read(handle, result), expected);
    }
    return new Float32Array();
  });
}

/** 3 × 3 pixels, a 2 × 2 filter, and what is left of the one under the other, by hand. */
const PIXELS = [3, -1, 4, 1, -5, 9, 2, 6, -5] as const;
const FILTER = [0.5, -2, 1, 3] as const;
const FILTERED = [-10.5, 13.5, 30.5, -29.5] as const;
/** Channel c holds the pixels c + 1 times, filter o the taps o + 1 times. */
const CHANNELS = 5;
const FILTERS = 6;

const multiples = (count: number, numbers: readonly number[]): number[] =>
  Array.from({ length: count }, (_, k) => numbers.map((x) => (k + 1) * x)).flat();

export const expectFast: (device: Device) => Promise<void> = (device) => expectConvolution(device, 'fast');
export const expectObvious: (device: Device) => Promise<void> = (device) =>
  expectConvolution(device, 'obvious');

async function expectConvolution(device: Device, kernels: 'fast' | 'obvious'): Promise<void> {
  const shapes = { data: [1, CHANNELS, 3, 3], weight: [FILTERS, CHANNELS, 2, 2] };
  const graph = trace(
    (parameters, { data }) => ({ out: convolution(data, parameters.get('weight', shapes.weight)) }),
    { data: shapes.data },
  );
  const filter = Array.from({ length: CHANNELS }, () => FILTER).flat();
  const weights: ReadonlyMap<string, Tensor> = new Map([
    ['weight', tensor(shapes.weight, multiples(FILTERS, filter))],
  ]);
  const program = await prepareProgram(device, graph, weights, { kernels, fallback: undefined });
  const data = { shape: shapes.data, host: tensor(shapes.data, multiples(CHANNELS, PIXELS)) };
  try {
    const { kernel = '' } = program.report()[0] ?? {};
    if (!kernel.startsWith(kernels)) throw new Error(`ran as ${kernel}, expected ${kernels}`);
    const out = (await program.run(new Map([['data', data]]), {})).get('out')!;
    const { data: got } = await hostOf(device, out);
    freeValue(device, out);
    const channels = (CHANNELS * (CHANNELS + 1)) / 2;
    expectNumbers(
      got,
      multiples(
        FILTERS,
        FILTERED.map((x) => channels * x),
      ),
    );
  } finally {
    freeValue(device, data);
    program.dispose();
  }
}

/** Some place from which on indices are computed wrongly is beyond what float32 counts. */
export function needsLargeIndices({ inputs, parameters, nodes }: Graph): boolean {
  const shapes = [...inputs, ...parameters].map(({ shape }) => shape).concat(nodes.flatMap((n) => n.shapes));
  return shapes.some((shape) => shape.reduce((count, size) => count * size, 1) > LARGEST_EXACT);
}

/**
 * Reads a number beyond the place up to which float32 counts. Needs 67 MB on the device, so it is no part of the
 * start-up: only plans with tensors of that size ask.
 *
 * @throws ShapeError when another number comes back
 */
export async function expectLargeIndices(device: Device): Promise<void> {
  const columns = 4096;
  const rows = LARGEST_EXACT / columns + 2;
  const data = new Float32Array(columns * rows);
  const places = [LARGEST_EXACT - 1, LARGEST_EXACT + 1, LARGEST_EXACT + 3, data.length - 1];
  places.forEach((place, k) => (data[place] = k + 1));
  const where = places
    .map((place) => Math.floor(place / columns))
    .concat(places.map((place) => place % columns));
  const source = 'function far(x, at) { return x[0][at[0][0][this.thread.x]][at[0][1][this.thread.x]]; }';
  const got = await launchOnce(device, plainSpec('far', source, [places.length]), [
    { layout: plainLayout([rows, columns]), data },
    { layout: plainLayout([2, places.length]), data: Float32Array.from(where) },
  ]);
  const wrong = places.findIndex((_, k) => got[k] !== k + 1);
  if (wrong < 0) return;
  throw new ShapeError(
    `backend gpu: mode ${device.mode} cannot address tensors of more than ${LARGEST_EXACT} numbers; use a smaller image`,
  );
}
