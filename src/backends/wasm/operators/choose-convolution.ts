/**
 * Which way of convolving is fastest: a model of costs, in multiply-adds.
 *
 *   products, at full speed
 *   + what passes through Winograd's transforms, see `winogradCost`
 *   + elements of weights, each as long as 12: on small maps reading them from memory takes longer than multiplying
 *
 * The numbers were measured on layers of 64 to 1024 channels on maps of 5×8 to 141×250 pixels.
 */
import type { Tuning } from '../tuning.ts';
import { planWinograd, winogradCost, type WinogradLayer, type WinogradPlan } from './winograd-layer.ts';

const WEIGHT_COST = 12;

/**
 * Largest transformed weights, in bytes, by tile. Those of F(4×4) are four times as large as the original's, those of
 * F(2×2) less than twice.
 */
const LARGEST_WEIGHTS = { normal: { 4: 200e6, 2: Infinity }, low: { 4: 4e6, 2: 100e6 } } as const;

/**
 * The plan to compute a layer by; undefined to compute it directly.
 *
 * @param layer undefined where it is not one for Winograd
 * @param direct multiply-adds and elements of weights of the direct way
 */
export function chooseWinograd(
  layer: WinogradLayer | undefined,
  direct: { readonly multiplyAdds: number; readonly weights: number },
  tuning: Tuning,
): WinogradPlan | undefined {
  if (!layer) return undefined;
  const limit = LARGEST_WEIGHTS[tuning.saveMemory ? 'low' : 'normal'];
  let best: WinogradPlan | undefined;
  let least = direct.multiplyAdds + direct.weights * WEIGHT_COST;
  for (const tile of [4, 2] as const) {
    const plan = planWinograd(layer, tile);
    if (tile > tuning.winograd || plan.weightBytes > limit[tile]) continue;
    const cost = winogradCost(plan, WEIGHT_COST);
    if (cost < least) [best, least] = [plan, cost];
  }
  return best;
}
