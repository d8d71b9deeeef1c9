/**
 * Which way of convolving is fastest: a model of costs, in multiply-adds.
 *
 *   products, at full speed
 *   + elements that pass through transforms, each as long as 16 multiply-adds for F(4×4), 9 for F(2×2)
 *   + elements of weights, each as long as 12: on small maps reading them from memory takes longer than multiplying
 *
 * The three numbers were measured on layers of 64 to 1024 channels on maps of 5×8 to 141×250 pixels.
 */
import type { ConvolutionGeometry } from '../../../ops/index.ts';
import { BLOCK, blocksOf, FLOAT_BYTES } from '../layout.ts';
import type { Tuning } from '../tuning.ts';
import { planWinograd, type WinogradPlan } from './winograd.ts';

const TRANSFORM_COST = { 4: 16, 2: 9 } as const;
const WEIGHT_COST = 12;

/** Largest weights that F(4×4) may have, in bytes: four times the original's. F(2×2) takes less than half of that. */
const LARGEST_WEIGHTS = { fast: 200e6, low: 12e6 } as const;

/** The plan to convolve by; undefined to convolve directly. */
export function chooseWinograd(geometry: ConvolutionGeometry, tuning: Tuning): WinogradPlan | undefined {
  const limit = LARGEST_WEIGHTS[tuning.saveMemory ? 'low' : 'fast'];
  const plans = ([4, 2] as const)
    .filter((tile) => tile <= tuning.winograd)
    .flatMap((tile) => planWinograd(geometry, tile) ?? [])
    .filter(({ tile, weightBytes }) => tile === 2 || weightBytes <= limit);
  let best: { plan: WinogradPlan | undefined; cost: number } = {
    plan: undefined,
    cost: directCost(geometry),
  };
  for (const plan of plans) {
    const cost = winogradCost(plan);
    if (cost < best.cost) best = { plan, cost };
  }
  return best.plan;
}

function directCost({ N, C, O, I, J, P, Q }: ConvolutionGeometry): number {
  const weights = blocksOf(C) * BLOCK * blocksOf(O) * BLOCK * I * J;
  return weights * (N * P * Q + WEIGHT_COST);
}

function winogradCost({ tile, planes, tiles, inputBlocks, outputBlocks, weightBytes }: WinogradPlan): number {
  const channels = (inputBlocks + outputBlocks) * BLOCK;
  const products = planes * tiles * inputBlocks * outputBlocks * BLOCK * BLOCK;
  const transforms = planes * tiles * channels * TRANSFORM_COST[tile];
  return products + transforms + (weightBytes / FLOAT_BYTES) * WEIGHT_COST;
}
