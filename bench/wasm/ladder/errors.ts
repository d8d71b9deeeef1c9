/** How far float32 results are from float64: each way of convolving, on layers of the networks. */
import { convolution } from '../../../src/ops/index.ts';
import type { Tensor } from '../../../src/tensor/index.ts';
import { table } from '../../table.ts';
import { type LayerSize, makeLayer } from './layer.ts';
import { layerPlan, type PlanChoice } from './plan.ts';
import { pointTable } from './points.ts';
import { hasRelaxed } from './rungs.ts';

const layers: readonly LayerSize[] = [
  { C: 64, O: 64, H: 141, W: 250, dilation: 1 },
  { C: 256, O: 256, H: 36, W: 63, dilation: 1 },
  { C: 512, O: 512, H: 36, W: 63, dilation: 2 },
  { C: 512, O: 512, H: 18, W: 32, dilation: 1 },
];

type Way = readonly [name: string, choice: Omit<PlanChoice, 'output'>];

const ways: readonly Way[] = [
  ['direct', { relaxed: false }],
  ['direct, fused', { relaxed: true }],
  ['F(2x2)', { relaxed: false, winograd: 2 }],
  ['F(2x2), fused', { relaxed: true, winograd: 2 }],
  ['F(4x4)', { relaxed: false, winograd: 4 }],
  ['F(4x4), fused', { relaxed: true, winograd: 4 }],
];

const float64 = ({ shape, data }: Tensor): Tensor => ({
  shape,
  dtype: 'float64',
  data: Float64Array.from(data),
});

/** Largest difference, as a part of the largest value. */
function largestError(got: Tensor, exact: Tensor): number {
  let [difference, size] = [0, 0];
  exact.data.forEach((value, k) => {
    difference = Math.max(difference, Math.abs(got.data[k]! - value));
    size = Math.max(size, Math.abs(value));
  });
  return difference / size;
}

export async function errorTable(): Promise<string> {
  const fused = hasRelaxed();
  const possible = ways.filter(([, { relaxed }]) => fused || !relaxed);
  const rows: string[][] = [];
  for (const size of layers) {
    const layer = makeLayer(size);
    const window = { pad: size.dilation, dilation: size.dilation };
    const exact = convolution(float64(layer.data), float64(layer.weight), undefined, window);
    const cells = [
      `${size.C} channels, ${size.H}x${size.W}${size.dilation > 1 ? `, dilation ${size.dilation}` : ''}`,
    ];
    for (const [, choice] of possible) {
      const plan = await layerPlan(layer, { ...choice, output: 'all' });
      cells.push(largestError(await plan.run(), exact).toExponential(1));
      plan.dispose();
    }
    rows.push(cells);
  }
  const header = ['largest error / largest value', ...possible.map(([name]) => name)];
  return `${table(header, rows)}\n\n${pointTable()}`;
}
