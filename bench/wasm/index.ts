/**
 * Measures the backend `wasm`: networks and layers against the same in onnxruntime and TensorFlow.js, on the same numbers
 * of threads, in turns in one process; and what a user of the detector gets. Absolute numbers are those of this machine in
 * this minute; compare ratios.
 */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { wasmBackend } from '../../src/backends/wasm/index.ts';
import type { Answer, Part, Work } from './api.ts';
import { answer, inChild, workOfChild } from './child.ts';
import { measurePart } from './measure-part.ts';
import { onnxruntimeVersion } from './onnx.ts';
import { type Options, readOptions, usage } from './options.ts';
import { summary } from './report.ts';
import { describeSize, sizeFor } from './size.ts';
import { tensorflowVersion } from './tensorflow.ts';

/** Parts that are measured once for each thread count. */
const byThreads: readonly Part[] = ['feature', 'flow'];
/** Parts that need a process for each of several variants. */
const variants: Readonly<Partial<Record<Part, readonly string[]>>> = { memory: ['normal', 'low'] };

function worksFor({ only, threads, rounds, quick, filter }: Options): Work[] {
  return only.flatMap((part) =>
    (byThreads.includes(part) ? threads : [1]).flatMap((count) =>
      (variants[part] ?? [undefined]).map((variant) => ({
        ...{ part, threads: count, rounds, quick, filter },
        ...(variant !== undefined && { variant }),
      })),
    ),
  );
}

async function header(options: Options): Promise<string> {
  const backend = await wasmBackend({ threads: 1 });
  const { simd, tileShape } = backend;
  const tile = `${tileShape.pixels} pixels of 8 channels${tileShape.unrolled ? ', unrolled' : ''}`;
  backend.dispose();
  return [
    `Node ${process.version}, ${cpus()[0]?.model.trim() || 'unknown processor'}, ${cpus().length} cores, SIMD ${simd}, tile of ${tile}`,
    `peers: onnxruntime-web ${onnxruntimeVersion}, @tensorflow/tfjs-backend-wasm ${tensorflowVersion}`,
    `frames of ${describeSize(sizeFor(options.quick))}, ${options.rounds} rounds; processor time with one thread, wall time with more`,
  ].join('\n');
}

async function main(options: Options): Promise<void> {
  console.log(await header(options));
  const results: (Work & Answer)[] = [];
  for (const work of worksFor(options)) {
    const threads = work.part !== 'frames' && `${work.threads} thread${work.threads > 1 ? 's' : ''}`;
    const title = [work.part, work.variant, threads];
    console.log(`\n${title.filter(Boolean).join(', ')}`);
    try {
      const measured = await inChild(work);
      console.log(measured.text);
      results.push({ ...work, ...measured });
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }
  }
  const findings = results.flatMap((result) => result.findings);
  const title = options.quick ? 'Summary of a quick run, which says nothing of speed' : 'Summary';
  if (findings.length > 0) console.log(`\n${title}\n${summary(findings)}`);
  if (options.json) await writeFile(options.json, `${JSON.stringify({ options, results }, undefined, 2)}\n`);
}

try {
  const work = workOfChild(process.argv.slice(2));
  if (work) answer(await measurePart(work));
  else {
    const options = readOptions(process.argv.slice(2));
    if (options.help) console.log(usage);
    else await main(options);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
