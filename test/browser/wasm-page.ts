/**
 * The backend wasm in a page: it is asked for something in the page's address and posts the answer. The backend comes as
 * an argument, so that it can come out of a bundle or straight from the built files.
 */
import type { Answer } from '../../scripts/browser/server.ts';
import type { Plan, PlanReport } from '../../src/backends/index.ts';
import type { WasmBackend, WasmOptions } from '../../src/backends/wasm/index.ts';
import type { Graph } from '../../src/graph/index.ts';
import type { Shape, Tensor } from '../../src/tensor/index.ts';

/** Tensors in one row of float32 numbers. */
export type Index = Readonly<
  Record<string, { readonly shape: Shape; readonly start: number; readonly end: number }>
>;

/** A network as the page fetches it, besides the numbers. */
export interface SentNetwork {
  readonly graph: Graph;
  readonly parameters: Index;
  readonly feeds: Index;
}

export interface PageRun {
  readonly isolated: boolean;
  readonly mode: string | undefined;
  readonly report: PlanReport;
  readonly results: Readonly<Record<string, { readonly shape: Shape; readonly data: readonly number[] }>>;
}

export interface PageInterruption {
  /** What happened, one after the other. */
  readonly events: readonly string[];
  /** Whether a run afterwards gave the same numbers as one before. */
  readonly same: boolean;
}

type MakeBackend = (options?: WasmOptions) => Promise<WasmBackend>;

interface Opened {
  readonly backend: WasmBackend;
  readonly plan: Plan;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

const options: WasmOptions = { threads: 2, simd: 'plain' };

async function open(make: MakeBackend, path: string): Promise<Opened> {
  const [network, numbers] = await Promise.all([fetch(`/${path}.json`), fetch(`/${path}.numbers`)]);
  const sent = (await network.json()) as SentNetwork;
  const all = new Float32Array(await numbers.arrayBuffer());
  const tensors = (index: Index): [string, Tensor][] =>
    Object.entries(index).map(([name, { shape, start, end }]) => [
      name,
      { shape, dtype: 'float32', data: all.slice(start, end) },
    ]);
  const backend = await make(options);
  const plan = await backend.compile(sent.graph, new Map(tensors(sent.parameters)));
  return { backend, plan, feeds: Object.fromEntries(tensors(sent.feeds)) };
}

const entriesOf = (results: object): [string, Tensor][] => Object.entries(results) as [string, Tensor][];

async function narrow(make: MakeBackend): Promise<PageRun> {
  const { backend, plan, feeds } = await open(make, 'narrow');
  const results = entriesOf(await plan.run(feeds)).map(
    ([name, { shape, data }]) => [name, { shape, data: [...data] }] as const,
  );
  const { mode } = backend;
  const report = plan.report();
  backend.dispose();
  return { isolated: crossOriginIsolated, mode, report, results: Object.fromEntries(results) };
}

async function interrupt(make: MakeBackend): Promise<PageInterruption> {
  const { backend, plan, feeds } = await open(make, 'chain');
  const numbers = async (): Promise<string> =>
    JSON.stringify(entriesOf(await plan.run(feeds)).map(([, { data }]) => [...data]));
  const before = await numbers();
  const events: string[] = [];
  const controller = new AbortController();
  const timer = setInterval(() => {
    if (events.push('tick') === 2) controller.abort(new Error('enough'));
  }, 1);
  await plan.run(feeds, { signal: controller.signal }).then(
    () => events.push('done'),
    (error: unknown) => events.push((error as Error).message),
  );
  clearInterval(timer);
  const same = (await numbers()) === before;
  backend.dispose();
  return { events, same };
}

/** Plans that are disposed of one after the other: browsers have room for about a hundred memories. */
async function many(make: MakeBackend): Promise<number> {
  const { backend, plan, feeds } = await open(make, 'small');
  const { graph } = (await (await fetch('/small.json')).json()) as SentNetwork;
  for (let k = 0; k < 300; k++) {
    const another = await backend.compile(graph, new Map());
    await another.run(feeds);
    another.dispose();
  }
  await plan.run(feeds);
  backend.dispose();
  return 300;
}

const tasks: Readonly<Record<string, (make: MakeBackend) => Promise<unknown>>> = { narrow, interrupt, many };

/** Does what the address asks for. */
export async function answer(make: MakeBackend): Promise<void> {
  const task = new URLSearchParams(location.search).get('task') ?? '';
  let answered: Answer;
  try {
    answered = { result: await tasks[task]!(make) };
  } catch (error) {
    const { name, message, stack } = error as Error;
    answered = { error: name === 'UnsupportedBackendError' ? `${name}: ${message}` : (stack ?? message) };
  }
  await fetch('/answer', { method: 'POST', body: JSON.stringify(answered) });
}
