/** From a graph to a plan: optimize it, lower it, link it, fill in its constants. */
import { checkedFeed, type Graph, keepValues, optimize, type ParameterSource } from '../../graph/index.ts';
import { DffError, UnsupportedOpError } from '../../tensor/errors.ts';
import { zeros, type Tensor } from '../../tensor/tensor.ts';
import { type DeviceTensor, type Fed, type Plan, toHost } from '../backend.ts';
import { checkCompiling, checkRunning } from '../check-arguments.ts';
import { createLatest } from './latest.ts';
import { link } from './link.ts';
import { lowerGraph } from './lowering.ts';
import { lowerOf } from './lowerings.ts';
import { preparePlan, type ProgramPlan } from './plan.ts';
import type { Simd } from './simd.ts';
import { PLAN_DISPOSED, type Team } from './team.ts';
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
  checkCompiling(graph, parameters);
  const main = await compileProgram(graph, parameters, options);
  const keeping = createLatest(({ program }: Compiled) => program.dispose());
  let last = main;
  let bytesKeeping = 0;
  let disposed = false;

  const runProgram = (
    compiled: Compiled,
    fed: Readonly<Record<string, Tensor>>,
    signal: AbortSignal | undefined,
  ): Promise<Record<string, Tensor>> => {
    last = compiled;
    if (compiled !== main) bytesKeeping = compiled.program.bytes;
    return compiled.program.run(fed, signal);
  };
  return {
    async run(feeds, runOptions) {
      checkRunning(feeds, runOptions);
      const { keep = [], keepOnDevice = [], signal } = runOptions ?? {};
      const given = await Promise.all(
        graph.inputs.map(async (port) => [port.name, await toHost(checkedFeed(feeds, port))] as const),
      );
      if (disposed) throw new DffError(PLAN_DISPOSED);
      signal?.throwIfAborted();
      const fed = Object.fromEntries(given);
      const make = (): Promise<Compiled> => compileProgram(keepValues(graph, keep), parameters, options);
      const results =
        keep.length === 0
          ? await runProgram(main, fed, signal)
          : await keeping.use([...keep].sort().join('\n'), make, (made) => runProgram(made, fed, signal));
      const named = Object.entries(results).map(([name, value]): [string, Fed] => {
        return [name, keepOnDevice.includes(name) ? held(value) : value];
      });
      return Object.fromEntries(named);
    },
    async warmUp(onProgress, signal) {
      const feeds = Object.fromEntries(graph.inputs.map(({ name, shape }) => [name, zeros(shape)]));
      await runProgram(main, feeds, signal);
      onProgress?.(graph.nodes.length, graph.nodes.length);
    },
    report: () => ({
      backend: NAME,
      nodes: last.program.report(),
      passes: last.passes,
      threads: options.team.threads,
      memoryBytes: disposed ? 0 : main.program.bytes + bytesKeeping,
      notes: notesOn(options),
    }),
    dispose() {
      disposed = true;
      main.program.dispose();
      keeping.disposeAll();
    },
  };
}

/** How everything in a plan is computed, in words. */
function notesOn({ simd, tuning: { tile }, team: { where, reason } }: CompileOptions): string[] {
  const loop = `inner loops of ${tile.pixels} pixels and 8 channels${tile.unrolled ? ', unrolled' : ''}`;
  return [
    simd === 'relaxed' ? 'relaxed vector instructions' : 'plain vector instructions',
    loop,
    reason === undefined ? `on ${where}` : `on the ${where}: ${reason}`,
  ];
}

async function compileProgram(
  graph: Graph,
  parameters: ParameterSource,
  { team, simd, tuning, fallback }: CompileOptions,
): Promise<Compiled> {
  const optimized = optimize(graph);
  const lowered = lowerGraph(optimized.graph, tuning, (operator) => {
    const lower = lowerOf(operator);
    if (lower || fallback) return lower;
    const hint = "fallback: 'reference' runs it on the reference";
    throw new UnsupportedOpError(`backend wasm: there is no kernel for ${operator}; ${hint}`);
  });
  const linked = await link(lowered, {
    relaxed: simd === 'relaxed',
    shared: team.where === 'workers',
    allocate: (pages) => team.allocate(pages),
  });
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
