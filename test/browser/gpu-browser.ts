/** A browser for a file of tests, and a backend for a block of them: opened before, closed after. */
import { afterAll, beforeAll } from 'vitest';
import type { RemoteOptions } from './gpu-protocol.ts';
import { type GpuBrowser, openGpuBrowser, type RemoteBackend } from './remote-backend.ts';

/** Modes that need a browser. */
export const browserModes = ['webgl2', 'webgpu'] as const;

/** Call it in a `describe`; what it gives can be called in tests. */
export function aGpuBrowser(): () => GpuBrowser {
  let browser: GpuBrowser | undefined;
  beforeAll(async () => {
    browser = await openGpuBrowser();
  });
  afterAll(() => browser?.close());
  return () => browser!;
}

/** The same for a backend in that browser. */
export function aBackend(browser: () => GpuBrowser, options: RemoteOptions): () => RemoteBackend {
  let backend: RemoteBackend | undefined;
  beforeAll(async () => {
    backend = await browser().open(options);
  });
  afterAll(() => backend?.dispose());
  return () => backend!;
}
