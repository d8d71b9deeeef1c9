/** From a graph to a plan: optimize it, lower it, link it, fill in its constants. */
import { checkedFeed, type Graph, keepValues, optimize, type ParameterSource } from '../../graph/index.ts';
import { UnsupportedOpError } from '../../tensor/errors.ts';
import { zeros, type Tensor } from '../../tensor/tensor.ts';
import { type DeviceTensor, type Fed, type Plan, toHost } from '../backend.ts';
import { link } from './link.ts';
import { lowerGraph } from './lowering.ts';
import { lowerings } from './lowerings.ts';
import { preparePlan, type ProgramPlan } from './plan.ts';
import type { Simd } from './simd.ts';
import type { Team } from './team.ts';
import type { Tuning } from './tuning.ts';

export const NAME = 'wasm';

export interface CompileOptions {
  readonly team: Team;
  readonly simd: Simd;
  readonly tuning: Tuning;
  /** Whether nodes without a kernel run on the reference. */
  readonly fallback: boolean;
}

/** A program, and what was done to its graph. */
interface Compiled {
  readonly program: ProgramPlan;
  readonly passes: readonly string[];
}

/**
 * A plan. Inner values asked for with `keep` are fused away in a program that knows nothing of them; the first run that
 * asks gets a program of its own, in which they are outputs, and which stays until a run asks for others.
 */
export async function compile(
  graph: Graph,
  parameters: ParameterSource,
  options: CompileOptions,
): Promise<Plan> {
  const main = await compileProgram(graph, parameters, options);
  let kept: { readonly key: string; readonly made: Promise<Compiled> } | undefined;
  const drop = (): void => {
    kept?.made.then(
      ({ program }) => program.dispose(),
      () => {},
    );
    kept = undefined;
  };
  const keeping = (keep: readonly string[]): Promise<Compiled> => {
    const key = [...keep].sort().join('\n');
    if (kept?.key !== key) {
      drop();
      kept = { key, made: compileProgram(keepValues(graph, keep), parameters, options) };
    }
    return kept.made;
  };
  let last = main;
  return {
    async run(feeds, { keep = [], keepOnDevice = [], ...runOptions } = {}) {
      const compiled = keep.length === 0 ? main : await keeping(keep);
      const fed = await Promise.all(
        graph.inputs.map(async (port) => [port.name, await toHost(checkedFeed(feeds, port))] as const),
      );
      const results = await compiled.program.run(Object.fromEntries(fed), runOptions);
      last = compiled;
      const given = Object.entries(results).map(([name, value]): [string, Fed] => {
        return [name, keepOnDevice.includes(name) ? held(value) : value];
      });
      return Object.fromEntries(given);
    },
    async warmUp(onProgress, signal) {
      const feeds = Object.fromEntries(graph.inputs.map(({ name, shape }) => [name, zeros(shape)]));
      await main.program.run(feeds, signal ? { signal } : {});
      onProgress?.(graph.nodes.length, graph.nodes.length);
    },
    report: () => ({ backend: NAME, nodes: last.program.report(), passes: last.passes }),
    dispose() {
      main.program.dispose();
      drop();
    },
  };
}

async function compileProgram(
  graph: Graph,
  parameters: ParameterSource,
  { team, simd, tuning, fallback }: CompileOptions,
): Promise<Compiled> {
  const optimized = optimize(graph);
  const lowered = lowerGraph(optimized.graph, tuning, (operator) => {
    const lower = lowerings[operator as keyof typeof lowerings];
    if (lower || fallback) return lower ?? undefined;
    const hint = "fallback: 'reference' runs it on the reference";
    throw new UnsupportedOpError(`backend wasm: there is no kernel for ${operator}; ${hint}`);
  });
  const linked = link(lowered, { relaxed: simd === 'relaxed', shared: team.where === 'workers' });
  const source = optimized.parameters(parameters);
  return {
    program: await preparePlan(team, optimized.graph, lowered, linked, source),
    passes: optimized.passes,
  };
}

/** A result that its owner keeps for a later run: it is in ordinary memory, outside of the plan's. */
function held(value: Tensor): DeviceTensor {
  return { backend: NAME, shape: value.shape, read: () => Promise.resolve(value), dispose() {} };
}
