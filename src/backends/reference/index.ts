/**
 * The reference backend: `interpret` behind the backend interface. It is the definition; the others are checked
 * against it. It runs everywhere, on one thread, and lets others run between nodes.
 */
import { checkedFeed, type Graph, type Feeds, interpretSteps, type Results } from '../../graph/index.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { breather } from '../breathe.ts';
import { type Backend, type Fed, type NodeReport, type Plan, toHost } from '../backend.ts';
import { checkCompiling, checkRunning } from '../check-arguments.ts';

const NAME = 'reference';
/** Longest time between two chances for timers and cancellation, in milliseconds. */
const BREATH = 20;

export function referenceBackend(): Backend {
  return {
    name: NAME,
    async compile(graph, parameters) {
      checkCompiling(graph, parameters);
      return plan(graph, parameters);
    },
    dispose() {},
  };
}

function plan(graph: Graph, parameters: Feeds['parameters']): Plan {
  let nodes: NodeReport[] = [];
  return {
    async run(feeds, options) {
      checkRunning(feeds, options);
      const { signal, keep = [] } = options ?? {};
      signal?.throwIfAborted();
      const inputs = await onHost(graph, feeds);
      const steps = interpretSteps(graph, { inputs, parameters }, { keep });
      const times: NodeReport[] = [];
      const result = await walk(steps, times, signal);
      nodes = times;
      return { ...result.outputs, ...Object.fromEntries(result.kept) };
    },
    report: () => ({ backend: NAME, nodes, passes: [] }),
    dispose() {},
  };
}

/** Runs all steps, noting how long each took. */
async function walk(
  steps: ReturnType<typeof interpretSteps>,
  times: NodeReport[],
  signal: AbortSignal | undefined,
): Promise<Results> {
  const breathe = breather(BREATH);
  for (let step = steps.next(); ;) {
    if (step.done) return step.value;
    const { name, operator } = step.value.node;
    const start = performance.now();
    step = steps.next();
    times.push({ name, operator, kernel: NAME, milliseconds: performance.now() - start });
    if (await breathe()) signal?.throwIfAborted();
  }
}

async function onHost(graph: Graph, feeds: Readonly<Record<string, Fed>>): Promise<Record<string, Tensor>> {
  const entries = await Promise.all(
    graph.inputs.map(async (port) => [port.name, await toHost(checkedFeed(feeds, port))] as const),
  );
  return Object.fromEntries(entries);
}
