/**
 * Measures the GPU backend in a real browser: its kernels against those of TensorFlow.js on the same interface, against
 * our own obvious ones and against the reference backend, in turns in one page, results left on the device and waited
 * for. Absolute numbers are those of this machine in this minute; compare ratios.
 */
import { writeFile } from 'node:fs/promises';
import { openBench, servedBench } from './browser.ts';
import { type Options, readOptions, usage } from './options.ts';
import { measureMode, type ModeResult } from './measure-mode.ts';
import { summary } from './report.ts';

/** The browser goes with us. */
process.once('SIGTERM', () => process.exit(143));

async function main(options: Options): Promise<void> {
  const server = await servedBench();
  const results: ModeResult[] = [];
  try {
    for (const mode of options.mode) {
      const page = await openBench(server, mode, options);
      try {
        results.push(await measureMode(page, mode, options));
      } finally {
        await page.close();
      }
    }
  } finally {
    server.close();
  }
  const findings = results.flatMap((result) => result.findings);
  if (findings.length > 0) console.log(`\nHow many times as fast as the peer\n${summary(findings)}`);
  if (options.json) await writeFile(options.json, `${JSON.stringify({ options, results }, undefined, 2)}\n`);
  const failures = results.flatMap((result) => result.failures);
  if (failures.length > 0) process.exitCode = 1;
  for (const failure of failures) console.error(failure);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
