/**
 * optimize: all passes that make a graph cheaper to run and leave its outputs alone, up to rounding.
 *
 * Order   removeViews and deadCode go first: what they take out stands between, or reads, what the others would join.
 *         fuseDeconvolution gives up the maps that crops asked for their size only, hence the second deadCode.
 *         foldBatchNorm goes before fuseConvolution, since it brings convolutions next to their activations and gives them
 *         the bias that a residual needs.
 */
import type { Graph } from '../graph.ts';
import type { ParameterSource } from '../parameters.ts';
import { deadCode } from './dead-code.ts';
import { foldBatchNorm, type FoldedGraph } from './fold-batch-norm.ts';
import { fuseConvolution } from './fuse-convolution.ts';
import { fuseDeconvolution } from './fuse-deconvolution.ts';
import { fuseWarp } from './fuse-warp.ts';
import { removeViews } from './remove-views.ts';

export interface OptimizedGraph extends FoldedGraph {
  /** Names of the passes that changed something, in the order in which they first did. */
  readonly passes: readonly string[];
}

/** The names are written out, since minifiers shorten those of functions. */
const passes: readonly (readonly [name: string, pass: (graph: Graph) => Graph | FoldedGraph])[] = [
  ['removeViews', removeViews],
  ['deadCode', deadCode],
  ['fuseDeconvolution', fuseDeconvolution],
  ['fuseWarp', fuseWarp],
  ['deadCode', deadCode],
  ['foldBatchNorm', foldBatchNorm],
  ['fuseConvolution', fuseConvolution],
];

/**
 * The graph with everything folded, fused and taken out that can be. Inputs and outputs are as before; inner values that
 * are wanted have to be outputs, see `keepValues`.
 *
 * @returns the graph, a function from the parameters of the original graph to those of the new one, and what was done
 * @example
 * const { graph, parameters } = optimize(officialGraph('key', configuration, size));
 * interpret(graph, { inputs, parameters: parameters(checkpoint) });
 */
export function optimize(graph: Graph): OptimizedGraph {
  let current = graph;
  let parameters = (source: ParameterSource): ParameterSource => source;
  const done = new Set<string>();
  for (const [name, pass] of passes) {
    const result = pass(current);
    const [next, follow] = 'graph' in result ? [result.graph, result.parameters] : [result, undefined];
    if (next === current) continue;
    done.add(name);
    current = next;
    if (follow) parameters = composed(parameters, follow);
  }
  return { graph: current, parameters, passes: [...done] };
}

const composed =
  <T>(first: (value: T) => T, second: (value: T) => T) =>
  (value: T): T =>
    second(first(value));
