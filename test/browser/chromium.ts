/** The browser that the tests drive. */
import type { Browser } from 'playwright-core';
import {
  chromiumPath,
  launchChromium,
  missingChromium,
  softwareFlags,
} from '../../scripts/browser/chromium.ts';

/** Whether there is one. Under CI a missing browser is a failure, elsewhere its tests are skipped. */
export const hasChromium: boolean = chromiumPath !== undefined;

if (!hasChromium) {
  if (process.env['CI']) throw new Error(missingChromium);
  console.warn(`skipping browser tests: ${missingChromium}`);
}

/** Everywhere on the same software, so that results do not depend on the machine's graphics. */
export function launch(): Promise<Browser> {
  return launchChromium(softwareFlags);
}
