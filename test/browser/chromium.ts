/** The browser that the tests drive. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian and Ubuntu put it; CHROMIUM says where else it is. */
const path = process.env['CHROMIUM'] ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);

/** Whether there is one. Under CI a missing browser is a failure, elsewhere its tests are skipped. */
export const hasChromium: boolean = path !== undefined;

if (!hasChromium) {
  const line = 'no Chromium was found: install the package chromium, or name the program in CHROMIUM';
  if (process.env['CI']) throw new Error(line);
  console.warn(`skipping browser tests: ${line}`);
}

const flags = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  '--disable-background-networking',
];

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: path!, args: flags });
}
