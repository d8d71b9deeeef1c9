/**
 * The backend wasm in Chromium, in pages that allow it more or less: with memory that can be shared and without, under
 * content-security policies, from a minified bundle and straight from the built files. `npm test` builds it first.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build, transform } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pageBundle } from '../../scripts/browser/bundle.ts';
import { type Content, pageOf, type PageServer, servePage } from '../../scripts/browser/server.ts';
import { referenceBackend } from '../../src/backends/index.ts';
import { trace } from '../../src/graph/index.ts';
import { relu } from '../../src/ops/index.ts';
import { type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { difference } from '../../src/testing/index.ts';
import { chain, compileOn, narrowNetwork, type Network, type Tensors } from '../backends/wasm/networks.ts';
import { hasShared } from '../shared.ts';
import { hasChromium, launch } from './chromium.ts';
import type { Index, PageInterruption, PageRun, SentNetwork } from './wasm-page.ts';

const root = resolve(import.meta.dirname, '../..');
const script = 'text/javascript';

const isolated = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};
const policy = (rules: string): Readonly<Record<string, string>> => ({
  'content-security-policy': `default-src 'none'; connect-src 'self'; ${rules}`,
});
const compiling = "script-src 'self' 'wasm-unsafe-eval'";

/** Headers of the pages. */
const pages = {
  shared: isolated,
  alone: {},
  compiling: policy(compiling),
  'compiling-shared': { ...isolated, ...policy(compiling) },
  threads: { ...isolated, ...policy(`${compiling}; worker-src blob:`) },
  strict: policy("script-src 'self'"),
} as const;

type Page = keyof typeof pages;

const small: Network = {
  graph: trace((_, { x }) => ({ out: relu(x) }), { x: [1, 16] }),
  parameters: new Map(),
  feeds: { x: zeros([1, 16]) },
};

/** The files that a page fetches for a network. */
function sent(path: string, { graph, parameters, feeds }: Network): Record<string, Content> {
  const numbers: Float32Array[] = [];
  let end = 0;
  const index = (tensors: readonly (readonly [string, Tensor])[]): Index =>
    Object.fromEntries(
      tensors.map(([name, { shape, data }]) => {
        numbers.push(Float32Array.from(data));
        const start = end;
        end += data.length;
        return [name, { shape, start, end }];
      }),
    );
  const network: SentNetwork = {
    graph,
    parameters: index(graph.parameters.map(({ name }) => [name, parameters.get(name)!])),
    feeds: index(Object.entries(feeds)),
  };
  const bytes = Buffer.concat(numbers.map(({ buffer }) => new Uint8Array(buffer)));
  return {
    [`/${path}.json`]: { type: 'application/json', body: JSON.stringify(network) },
    [`/${path}.numbers`]: { type: 'application/octet-stream', body: bytes },
  };
}

/** The page's script, bundled with the built package and minified. */
async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    ...pageBundle,
    stdin: {
      contents: `import { wasmBackend } from 'deep-feature-flow/wasm'; import { answer } from './wasm-page.ts'; answer(wasmBackend);`,
      resolveDir: import.meta.dirname,
      loader: 'ts',
    },
    absWorkingDir: root,
    tsconfigRaw: {}, // ours gives the package's name to the sources; a page has the build
  });
  return outputFiles[0]!.text;
}

/** The page's script as a module of its own, and the built files that it imports. */
async function plain(): Promise<Record<string, Content>> {
  const source = readFileSync(resolve(import.meta.dirname, 'wasm-page.ts'), 'utf8');
  const { code } = await transform(source, { loader: 'ts' });
  const files = ['wasm.js', ...readdirSync(resolve(root, 'dist/chunks')).map((name) => `chunks/${name}`)];
  const built = files
    .filter((name) => name.endsWith('.js'))
    .map((name) => [`/dist/${name}`, { type: script, body: readFileSync(resolve(root, 'dist', name)) }]);
  const main = `import { wasmBackend } from '/dist/wasm.js'; import { answer } from '/wasm-page.js'; answer(wasmBackend);`;
  return {
    ...(Object.fromEntries(built) as Record<string, Content>),
    '/wasm-page.js': { type: script, body: code },
    '/plain.js': { type: script, body: main },
  };
}

describe.skipIf(!hasShared || !hasChromium)('in a browser', () => {
  let browser: Browser;
  let server: PageServer;
  let expected: Tensors;

  beforeAll(async () => {
    if (!existsSync(resolve(root, 'dist/wasm.js')))
      throw new Error('dist is missing: run npm run build first');
    const network = await narrowNetwork();
    expected = (await (await compileOn(referenceBackend(), network)).run(network.feeds)) as Tensors;
    const html = Object.entries(pages).flatMap(([name, headers]) => [
      [`/${name}/bundle`, { type: 'text/html', body: pageOf('/bundle.js'), headers }] as const,
      [`/${name}/plain`, { type: 'text/html', body: pageOf('/plain.js'), headers }] as const,
    ]);
    server = await servePage({
      ...Object.fromEntries(html),
      ...(await plain()),
      '/bundle.js': { type: script, body: await bundled() },
      ...sent('narrow', network),
      ...sent('chain', chain(60)),
      ...sent('small', small),
    });
    browser = await launch();
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** Opens a page and waits for its answer; errors that nobody caught are failures. */
  async function ask(page: Page, how: 'bundle' | 'plain', task: string): Promise<unknown> {
    const tab = await browser.newPage();
    const failed = new Promise<never>((_, reject) => {
      tab.on('pageerror', (error) => reject(new Error(`page: ${error.stack ?? error.message}`)));
      tab.on('crash', () => reject(new Error('the page crashed')));
    });
    const answer = server.answer();
    await tab.goto(`${server.address}/${page}/${how}?task=${task}`);
    const answered = await Promise.race([answer, failed]);
    await tab.close();
    if ('error' in answered) throw new Error(answered.error);
    return answered.result;
  }

  function expectNarrow({ results }: PageRun): void {
    expect(Object.keys(results)).toEqual(Object.keys(expected));
    for (const [name, value] of Object.entries(expected)) {
      const { shape, data } = results[name]!;
      expect(difference(name, tensor(shape, data), value, 'the reference', 1e-3)).toEqual([]);
    }
  }

  test.each([
    ['shared', 'bundle'],
    ['shared', 'plain'],
    ['threads', 'bundle'],
    ['threads', 'plain'],
  ] as const)('threads compute in a page that is isolated: %s, %s', async (page, how) => {
    const run = (await ask(page, how, 'narrow')) as PageRun;
    expect(run).toMatchObject({ isolated: true, mode: 'workers', report: { threads: 2 } });
    expect(new Set(run.report.nodes.map(({ where }) => where))).toEqual(new Set(['workers']));
    expectNarrow(run);
  });

  test.each([
    ['alone', 'bundle', false, /memory cannot be shared here; .*Cross-Origin-Embedder-Policy/],
    ['alone', 'plain', false, /memory cannot be shared here; .*Cross-Origin-Embedder-Policy/],
    ['compiling', 'bundle', false, /memory cannot be shared here/],
    ['compiling-shared', 'bundle', true, /workers cannot be started .*must allow worker-src blob:/],
    ['compiling-shared', 'plain', true, /workers cannot be started .*must allow worker-src blob:/],
  ] as const)(
    'the calling thread computes where there are no workers: %s, %s',
    async (page, how, has, why) => {
      const run = (await ask(page, how, 'narrow')) as PageRun;
      expect(run).toMatchObject({ isolated: has, mode: 'calling thread', report: { threads: 1 } });
      expect(new Set(run.report.nodes.map(({ where }) => where))).toEqual(new Set(['calling thread']));
      expect(run.report.notes!.at(-1)).toMatch(why);
      expectNarrow(run);
    },
  );

  test('a policy that forbids compiling is an error that says what to allow', async () => {
    await expect(ask('strict', 'bundle', 'narrow')).rejects.toThrow(
      /^UnsupportedBackendError: backend wasm: the module does not compile .*must allow script-src 'wasm-unsafe-eval'$/,
    );
  });

  test.each(['shared', 'alone'] as const)(
    'timers fire while a run computes, and one of them cancels it: %s',
    async (page) => {
      const { events, same } = (await ask(page, 'bundle', 'interrupt')) as PageInterruption;
      expect(events.slice(0, 2)).toEqual(['tick', 'tick']);
      expect([...new Set(events)]).toEqual(['tick', 'enough']);
      expect(same).toBe(true);
    },
  );

  test.each(['shared', 'alone'] as const)(
    'hundreds of plans can be made one after the other: %s',
    async (page) => {
      expect(await ask(page, 'bundle', 'many')).toBe(300);
    },
  );
});
