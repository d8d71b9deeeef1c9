/**
 * The page of the benchmark in a browser: bundled from the sources, minified, served from this machine. A graphics card
 * is used where the browser finds one; else the processor draws.
 */
import { platform } from 'node:os';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { pageBundle } from '../../scripts/browser/bundle.ts';
import { launchChromium, softwareFlags } from '../../scripts/browser/chromium.ts';
import { type PageServer, servePage } from '../../scripts/browser/server.ts';
import type { Adapter, Mode, PageApi } from './api.ts';

type Answer<Name extends keyof PageApi> = Awaited<ReturnType<PageApi[Name]>>;

export interface BenchPage {
  readonly adapter: Adapter;
  readonly browser: string;
  /** Calls a function of the page. A page that has broken down is opened again for the next call. */
  ask<Name extends keyof PageApi>(name: Name, ...args: Parameters<PageApi[Name]>): Promise<Answer<Name>>;
  close(): Promise<void>;
}

/** Ways to a graphics card without a screen. Elsewhere than on Linux, the browser knows by itself. */
const hardwareFlags: readonly (readonly string[])[] =
  platform() === 'linux'
    ? [
        [
          '--use-angle=vulkan',
          '--enable-features=Vulkan',
          '--disable-vulkan-surface',
          '--ignore-gpu-blocklist',
        ],
        ['--use-angle=gl-egl', '--enable-features=Vulkan', '--ignore-gpu-blocklist'],
      ]
    : [['--ignore-gpu-blocklist']];

/** Our own kernels may be slow on a processor; nobody's should be cut off for it. */
const patience = '--disable-gpu-watchdog';

/** What drivers say of every result that is read, which is done to check it and is not measured. */
const READING_IS_SLOW = /GPU stall due to ReadPixels/;

/** Milliseconds after which a browser that does not say what draws is given up. */
const PROBE = 30_000;

export async function servedBench(): Promise<PageServer> {
  const root = resolve('.');
  const { outputFiles } = await build({
    ...pageBundle,
    entryPoints: [resolve(root, 'bench/gpu/page/main.ts')],
    absWorkingDir: root,
  });
  return servePage({ '/page.js': { type: 'text/javascript', body: outputFiles[0]!.contents } });
}

/** The page for a mode: with a graphics card if there is one and software is not asked for. */
export async function openBench(
  server: PageServer,
  mode: Mode,
  { software }: { readonly software: boolean },
): Promise<BenchPage> {
  for (const flags of software ? [] : hardwareFlags) {
    const found = await attempt(server, mode, flags).catch(() => undefined);
    if (found && !found.adapter.software) return found;
    await found?.close();
  }
  return attempt(server, mode, softwareFlags);
}

async function attempt(server: PageServer, mode: Mode, flags: readonly string[]): Promise<BenchPage> {
  const browser = await launchChromium([...flags, patience]);
  try {
    let page = await open(browser, server);
    const adapter = await within(PROBE, call(page, 'adapter', [mode]));
    const bench: BenchPage = {
      adapter,
      browser: `Chromium ${browser.version()}`,
      async ask<Name extends keyof PageApi>(
        name: Name,
        ...args: Parameters<PageApi[Name]>
      ): Promise<Answer<Name>> {
        if (page.isClosed()) page = await open(browser, server);
        try {
          return await call(page, name, args);
        } catch (error) {
          if (/crashed|closed|destroyed/.test(String(error))) await page.close().catch(() => {});
          throw error;
        }
      },
      close: () => browser.close(),
    };
    return bench;
  } catch (error) {
    await browser.close();
    throw error;
  }
}

async function open(browser: Browser, server: PageServer): Promise<Page> {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(`page: ${error.message}`));
  const said = new Set<string>();
  page.on('console', (message) => {
    const text = message.text().replace(/^\[\.WebGL-\w+\] ?/, '');
    const serious = message.type() === 'error' || message.type() === 'warning';
    if (!serious || READING_IS_SLOW.test(text) || said.has(text)) return;
    said.add(text);
    console.error(`page: ${text}`);
  });
  await page.goto(server.address);
  await page.waitForFunction(() => 'bench' in globalThis);
  return page;
}

async function call<Name extends keyof PageApi>(
  page: Page,
  name: Name,
  args: Parameters<PageApi[Name]>,
): Promise<Answer<Name>> {
  const answer: unknown = await page.evaluate(
    ({ name, args }) => (globalThis.bench[name] as (...args: unknown[]) => Promise<unknown>)(...args),
    { name, args },
  );
  return answer as Answer<Name>;
}

function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds / 1000} s`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
