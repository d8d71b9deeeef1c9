/** What a graph becomes: its steps, in order, and where everything lies. For reading; nothing is compiled or run. */
import { type Graph, optimize } from '../../graph/index.ts';
import type { Address, Step } from './kernel.ts';
import { isHostCall, lowerGraph } from './lowering.ts';
import { lowerOf } from './lowerings.ts';
import { placeAll } from './places.ts';
import { type Tuning, tuningOf } from './tuning.ts';

export interface ListedStep {
  /** The node that the step belongs to; of preparations, the parameter that they are made of. */
  readonly of: string;
  /** What computes it; `reference` where there is no kernel. */
  readonly kernel: string;
  /** Pieces that threads share out. */
  readonly items: number;
  /** Addresses of its record, in bytes from where constants or the arena begin: `arena+4096`. Absent ones are left out. */
  readonly places: Readonly<Record<string, string>>;
}

export interface StepListing {
  /** Steps that make constants of parameters, once. */
  readonly preparations: readonly ListedStep[];
  /** Steps of every run. */
  readonly steps: readonly ListedStep[];
  /** Bytes of constants, and of the room that values share. */
  readonly constantBytes: number;
  readonly arenaBytes: number;
}

export interface ListingOptions {
  /** Default 1. */
  readonly threads?: number;
  readonly precise?: boolean;
  readonly memory?: 'normal' | 'low';
  /** Default six pixels, unrolled. */
  readonly tileShape?: Tuning['tile'];
}

/**
 * The steps of a graph on the backend `wasm`, after `optimize`.
 *
 * @example for (const { of, kernel, items } of listSteps(graph).steps) console.log(of, kernel, items);
 */
export function listSteps(graph: Graph, options: ListingOptions = {}): StepListing {
  const { threads = 1, tileShape = { pixels: 6, unrolled: true } } = options;
  const optimized = optimize(graph).graph;
  const lowered = lowerGraph(optimized, tuningOf(options, threads, tileShape), lowerOf);
  const { places, arena, size } = placeAll(lowered);
  const constants = Math.min(arena, ...[...places].flatMap(([{ constant }, at]) => (constant ? [at] : [])));
  const describe = ({ buffer, offset }: Address): string => {
    const at = places.get(buffer)! + offset;
    return buffer.constant ? `constants+${at - constants}` : `arena+${at - arena}`;
  };
  const list = (of: string, { kernel, items, record }: Step): ListedStep => {
    const addresses = Object.entries(record).flatMap(([name, value]) =>
      typeof value === 'object' && value !== null ? [[name, describe(value)] as const] : [],
    );
    return { of, kernel: kernel.name, items, places: Object.fromEntries(addresses) };
  };
  return {
    preparations: lowered.preparations.flatMap(({ parameter, steps }) =>
      steps.map((step) => list(optimized.parameters[parameter]!.name, step)),
    ),
    steps: lowered.steps.map(({ node, work }) => {
      const of = optimized.nodes[node]!.name;
      if (!isHostCall(work)) return list(of, work);
      const named = [...work.inputs.map(describe), ...work.outputs.map(describe)];
      return { of, kernel: 'reference', items: 1, places: Object.fromEntries(named.entries()) };
    }),
    constantBytes: arena - constants,
    arenaBytes: size - arena,
  };
}
