/**
 * The backend gpu in a page, as a backend here: whatever can be run on a backend (goldens, laws of operators, the
 * detector) runs in a browser too, without being carried there. The page loads the backend minified.
 */
import { resolve } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import type { Backend, DeviceTensor, Fed, Plan } from '../../src/backends/index.ts';
import { isDeviceTensor } from '../../src/backends/index.ts';
import { type Graph, lookUp, type ParameterSource } from '../../src/graph/index.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';
import { pageBundle } from '../../scripts/browser/bundle.ts';
import { servePage } from '../../scripts/browser/server.ts';
import { launch } from './chromium.ts';
import type { Carried, GpuPage, Opened, PlainTensor, RemoteOptions } from './gpu-protocol.ts';

/** npm runs tests and commands where the package is; this file may be part of a bundle elsewhere. */
const root = process.cwd();

/** A page asked from here: all answers are promises. */
export type RemotePage = {
  readonly [Name in keyof GpuPage]: (
    ...args: Parameters<GpuPage[Name]>
  ) => Promise<Awaited<ReturnType<GpuPage[Name]>>>;
};

export interface GpuBrowser {
  readonly page: RemotePage;
  /** What the page complained about in its console, except that reading back makes it wait. */
  readonly complaints: readonly string[];
  open(options: RemoteOptions): Promise<RemoteBackend>;
  close(): Promise<void>;
}

export interface RemoteBackend extends Backend {
  readonly description: string;
  readonly number: number;
}

interface RemoteTensor extends DeviceTensor {
  readonly kept: number;
}

/** Bundles the sources for browsers, minified as a page would have them. */
async function bundleGpuPage(): Promise<string> {
  const { outputFiles } = await build({
    ...pageBundle,
    entryPoints: [resolve(root, 'test/browser/gpu-page.ts')],
    absWorkingDir: root,
  });
  return outputFiles[0]!.text;
}

/** Starts Chromium with a page that has the backend. Whoever asked closes it. */
export async function openGpuBrowser(): Promise<GpuBrowser> {
  const server = await servePage({
    '/page.js': { type: 'text/javascript', body: await bundleGpuPage() },
  });
  const browser: Browser = await launch();
  const tab = await browser.newPage();
  const complaints: string[] = [];
  tab.on('console', (message) => {
    const text = message.text();
    const complains = message.type() === 'error' || message.type() === 'warning';
    if (complains && !text.includes('GPU stall due to ReadPixels')) complaints.push(text);
  });
  tab.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  await tab.goto(server.address);
  await tab.waitForFunction(() => 'gpuPage' in globalThis);
  const page = remotePage(tab);
  return {
    page,
    complaints,
    open: async (options) => remoteBackend(page, options, await page.open(options)),
    async close() {
      await browser.close();
      server.close();
    },
  };
}

function remotePage(tab: Page): RemotePage {
  const ask = (name: string, args: unknown[]): Promise<unknown> =>
    tab.evaluate(
      ([method, given]) => {
        const { gpuPage } = globalThis as unknown as {
          gpuPage: Record<string, (...all: unknown[]) => unknown>;
        };
        return gpuPage[method]!(...given);
      },
      [name, args] as const,
    );
  return new Proxy({} as RemotePage, {
    get:
      (_, name: string) =>
      (...args: unknown[]) =>
        ask(name, args),
  });
}

function remoteBackend(
  page: RemotePage,
  { mode }: RemoteOptions,
  { backend, description }: Opened,
): RemoteBackend {
  return {
    name: 'gpu',
    mode,
    description,
    number: backend,
    compile: async (graph, parameters) =>
      remotePlan(page, await page.compile(backend, graph, parametersOf(graph, parameters))),
    dispose: () => leave(page.disposeBackend(backend)),
  };
}

/** A plan's report is fetched after each run: asking for it waits for nothing. */
async function remotePlan(page: RemotePage, plan: number): Promise<Plan> {
  let report = await page.report(plan);
  return {
    async run(feeds, { keep = [], keepOnDevice = [], signal } = {}) {
      signal?.throwIfAborted();
      const carried = Object.entries(feeds).map(([name, value]) => [name, carry(value)] as const);
      const request = {
        plan,
        feeds: Object.fromEntries(carried),
        keep: [...keep],
        keepOnDevice: [...keepOnDevice],
      };
      const results = await page.run(request);
      report = await page.report(plan);
      return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, arrived(page, value)]));
    },
    report: () => report,
    dispose: () => leave(page.disposePlan(plan)),
  };
}

/** Not waited for. A page that was closed has nothing left to dispose of. */
const leave = (disposed: Promise<void>): void => void disposed.catch(() => {});

const plain = ({ shape, data }: Tensor): PlainTensor => ({ shape, data });

/** Some of them may be views of a whole checkpoint: only their own numbers are sent. */
function parametersOf({ parameters }: Graph, source: ParameterSource): Record<string, PlainTensor> {
  const given = parameters.map(({ name, shape }) => [name, plain(lookUp(source, name, shape))] as const);
  return Object.fromEntries(given);
}

function carry(value: Fed): Carried {
  if (!isDeviceTensor(value)) return plain(value);
  return { shape: value.shape, kept: (value as RemoteTensor).kept };
}

function arrived(page: RemotePage, value: Carried): Fed {
  if (!('kept' in value)) return tensor(value.shape, value.data);
  const { shape, kept } = value;
  const here: RemoteTensor = {
    backend: 'gpu',
    shape,
    kept,
    async read() {
      const { data } = await page.readKept(kept);
      return tensor(shape, data);
    },
    dispose: () => leave(page.disposeKept(kept)),
  };
  return here;
}
