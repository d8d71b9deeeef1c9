/** The rungs, and the check that all compute the same. */
import { chooseSimd } from '../../../src/backends/wasm/simd.ts';
import type { Tuning } from '../../../src/backends/wasm/tuning.ts';
import { convolution, pooling, slice } from '../../../src/ops/index.ts';
import type { Tensor } from '../../../src/tensor/index.ts';
import { demand, relativeDifference } from '../../gpu/page/check.ts';
import { type Layer, ladderSize, makeLayer } from './layer.ts';
import { naiveConvolution } from './naive.ts';
import { layerPlan, type PlanChoice } from './plan.ts';
import { lowerScalarBlocks, lowerScalarPlanar } from './scalar.ts';

/** Filters of the slowest rungs: an eighth of the layer, whose time counts eight times. */
export const FEW: number = 32;

export interface Rung {
  readonly name: string;
  /** What part of the layer it computes. Default 1. */
  readonly part?: number;
  /** The layer once; its result, or the largest value of each channel. */
  readonly run: () => Promise<Tensor> | Tensor;
}

const largest = (x: Tensor): Tensor => pooling(x, { type: 'max', kernel: 1, global: true });

export async function wasmRung(
  layer: Layer,
  name: string,
  choice: Omit<PlanChoice, 'output'>,
): Promise<Rung> {
  const plan = await layerPlan(layer, { ...choice, output: 'largest' });
  return { name, run: () => plan.run() };
}

const tile = (pixels: number, unrolled: boolean): Tuning['tile'] => ({ pixels, unrolled });

/** @param used what the backend chooses on this engine, if nothing is asked for */
export async function rungs(
  layer: Layer,
  used: { readonly tile: Tuning['tile']; readonly relaxed: boolean },
): Promise<readonly Rung[]> {
  const plain = (name: string, choice: Omit<PlanChoice, 'output' | 'relaxed'>): Promise<Rung> =>
    wasmRung(layer, name, { relaxed: false, ...choice });
  const few = makeLayer({ ...ladderSize, O: FEW });
  const part = FEW / ladderSize.O;
  const planar = { relaxed: false, lower: lowerScalarPlanar };
  return [
    { name: 'TypeScript, one loop an index *', part, run: () => naiveConvolution(few) },
    {
      name: 'TypeScript, blocked and packed (reference)',
      run: () => convolution(layer.data, layer.weight, undefined, { pad: 1 }),
    },
    { ...(await wasmRung(few, 'WebAssembly, one loop an index *', planar)), part },
    await plain('in blocks of eight channels', { lower: lowerScalarBlocks }),
    await plain('vectors, tile of 1 pixel', { tile: tile(1, false) }),
    await plain('tile of 2', { tile: tile(2, false) }),
    await plain('tile of 4', { tile: tile(4, false) }),
    await plain('tile of 5, channels written out', { tile: tile(5, true) }),
    await plain('tile of 6, channels written out', { tile: tile(6, true) }),
    ...(hasRelaxed()
      ? [await wasmRung(layer, 'the same, products and sums fused', { relaxed: true, tile: tile(6, true) })]
      : []),
    await wasmRung(layer, 'Winograd F(2x2)', { ...used, winograd: 2 }),
    await wasmRung(layer, 'Winograd F(4x4)', { ...used, winograd: 4 }),
  ];
}

/** Runs all once and compares. @throws Error naming the rung that is wrong */
export async function check(layer: Layer, all: readonly Rung[]): Promise<void> {
  const expected = largest(convolution(layer.data, layer.weight, undefined, { pad: 1 }));
  for (const { name, run } of all) {
    const got = await run();
    const maxima = got.shape[2] === 1 ? got : largest(got);
    const count = maxima.shape[1]!;
    demand(name, relativeDifference(maxima, slice(expected, { begin: [0, 0], end: [1, count] })));
  }
}

/** Also where they are behind a flag: that is set then, for all that comes after. */
export function hasRelaxed(): boolean {
  try {
    return chooseSimd('relaxed') === 'relaxed';
  } catch {
    return false;
  }
}
