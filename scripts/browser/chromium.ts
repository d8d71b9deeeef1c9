/** Where the browser is that tests and benchmarks drive, and the flags that they have in common. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian and Ubuntu put it; CHROMIUM says where else it is. */
export const chromiumPath: string | undefined =
  process.env['CHROMIUM'] ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);

export const missingChromium =
  'no Chromium was found: install the package chromium, or name the program in CHROMIUM';

/** WebGL2 and WebGPU drawn by the processor, on machines that have nothing else. */
export const softwareFlags: readonly string[] = [
  '--use-webgpu-adapter=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
];

const commonFlags = ['--no-sandbox', '--enable-unsafe-webgpu', '--disable-background-networking'];

/** @throws Error when there is no browser */
export function launchChromium(flags: readonly string[]): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(missingChromium);
  return chromium.launch({ executablePath: chromiumPath, args: [...commonFlags, ...flags] });
}
