/** Plans with lowerings and settings that users have no options for. */
import { callingThread } from '../../../src/backends/wasm/calling-thread.ts';
import { type Lower, lowerGraph } from '../../../src/backends/wasm/lowering.ts';
import { lowerOf } from '../../../src/backends/wasm/lowerings.ts';
import { link } from '../../../src/backends/wasm/link.ts';
import { preparePlan } from '../../../src/backends/wasm/plan.ts';
import type { Tuning } from '../../../src/backends/wasm/tuning.ts';
import type { Tensor } from '../../../src/tensor/index.ts';
import { type Layer, layerGraph } from './layer.ts';

export interface LayerPlan {
  run(): Promise<Tensor>;
  dispose(): void;
}

export interface PlanChoice extends Partial<Pick<Tuning, 'tile' | 'winograd'>> {
  readonly relaxed: boolean;
  readonly lower?: Lower;
  readonly output: 'all' | 'largest';
}

/** A plan on the calling thread. By default direct, with tiles of four pixels. */
export async function layerPlan(layer: Layer, choice: PlanChoice): Promise<LayerPlan> {
  const { relaxed, lower, output, tile = { pixels: 4, unrolled: false }, winograd = 0 } = choice;
  const graph = layerGraph(layer, output);
  const tuning = { threads: 1, tile, winograd, saveMemory: false };
  const lowered = lowerGraph(graph, tuning, (operator) =>
    operator === 'convolution' && lower ? lower : lowerOf(operator),
  );
  const team = callingThread('for measuring');
  const allocate = (pages: number): Promise<WebAssembly.Memory> => team.allocate(pages);
  const linked = await link(lowered, { relaxed, shared: false, allocate });
  const parameters = new Map([['weight', layer.weight]]);
  const plan = await preparePlan(team, graph, lowered, linked, parameters);
  return {
    run: async () => (await plan.run({ data: layer.data }, undefined))['out']!,
    dispose: () => plan.dispose(),
  };
}
