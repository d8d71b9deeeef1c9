/** Compiled graphs by kind and image size, made when first asked for. */
import type { Backend, Fed, Plan, RunOptions } from '../backends/index.ts';
import { toHost } from '../backends/index.ts';
import { type Graph, valueName } from '../graph/index.ts';
import type { NetworkKind, NetworkSize } from '../nets/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { zeros } from '../tensor/tensor.ts';
import type { Model } from './model.ts';
import type { NetworkOutput } from './postprocess.ts';

export interface CompiledGraph {
  readonly graph: Graph;
  readonly plan: Plan;
}

export interface Plans {
  get(kind: NetworkKind, size: NetworkSize): Promise<CompiledGraph>;
  dispose(): void;
}

/** @param backend what compiles, asked for when there is something to compile */
export function createPlans(model: Model, backend: () => Promise<Backend>): Plans {
  const compiled = new Map<string, Promise<CompiledGraph>>();
  const compile = async (kind: NetworkKind, size: NetworkSize): Promise<CompiledGraph> => {
    const graph = model.graph(kind, size);
    const compiler = await backend();
    return { graph, plan: await compiler.compile(graph, model.parameters) };
  };
  return {
    get(kind, size) {
      const key = `${kind} ${size.width}x${size.height} ${size.images ?? 1}`;
      const known = compiled.get(key);
      if (known) return known;
      const made = compile(kind, size);
      compiled.set(key, made);
      made.catch(() => compiled.delete(key)); // so that it can be tried again
      return made;
    },
    dispose() {
      for (const made of compiled.values()) {
        made.then(
          ({ plan }) => plan.dispose(),
          () => {},
        );
      }
      compiled.clear();
    },
  };
}

export interface NetworkRun {
  readonly output: NetworkOutput;
  /** The values asked for, where this graph has them. */
  readonly kept: Readonly<Record<string, Tensor>>;
  /** Everything that the plan gave. */
  readonly values: Readonly<Record<string, Fed>>;
}

/**
 * Runs a detection graph. Inputs that it lists but that were not fed get zeros: the official key graph has a
 * `feat_key` that nothing reads.
 */
export async function runNetwork(
  { graph, plan }: CompiledGraph,
  feeds: Readonly<Record<string, Fed>> & { readonly im_info: Tensor },
  { keep = [], ...options }: RunOptions = {},
): Promise<NetworkRun> {
  const fed = graph.inputs.map(({ name, shape }) => [name, feeds[name] ?? zeros(shape)] as const);
  const present = valueNames(graph);
  const wanted = keep.filter((name) => present.has(name));
  const values = await plan.run(Object.fromEntries(fed), { ...options, keep: wanted });
  const kept = await Promise.all(wanted.map(async (name) => [name, await toHost(values[name]!)] as const));
  const [rois, scores, deltas] = await Promise.all(
    ['rois_output', 'cls_prob_reshape_output', 'bbox_pred_reshape_output'].map((name) =>
      toHost(values[name]!),
    ),
  );
  const output = { rois: rois!, scores: scores!, deltas: deltas!, imInfo: feeds.im_info };
  return { output, kept: Object.fromEntries(kept), values };
}

/** The names by which inner values can be asked for. */
export function valueNames(graph: Graph): ReadonlySet<string> {
  return new Set(graph.nodes.flatMap((node) => node.outputs.map((_, output) => valueName(node, output))));
}
