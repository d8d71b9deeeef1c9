/** Peak memory of a detector: this process reads a checkpoint as `dff detect` does, and sees a key and another frame. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wasmBackend } from '../../../src/backends/wasm/index.ts';
import { createDetector, loadModel } from '../../../src/dff/index.ts';
import { openFile } from '../../../src/node/index.ts';
import type { Answer, Work } from '../api.ts';
import { inChild } from '../child.ts';
import { writeRandomCheckpoint } from '../checkpoint.ts';
import { movingShapes } from '../frames.ts';
import { type Size, sizeFor } from '../size.ts';

const WRITE = 'write ';

export async function measureMemory(work: Work): Promise<Answer> {
  const { variant = 'normal', threads } = work;
  const size = sizeFor(work.quick);
  if (variant.startsWith(WRITE)) {
    await writeRandomCheckpoint(variant.slice(WRITE.length), size);
    return { text: '', findings: [], data: {} };
  }
  const folder = await mkdtemp(join(tmpdir(), 'dff-bench-'));
  try {
    const path = join(folder, 'random.safetensors');
    await inChild({ ...work, variant: `${WRITE}${path}` });
    const memory = variant === 'low' ? 'low' : 'normal';
    const value = await peak(path, memory, threads, size);
    const what = `peak memory of a detector, memory: '${memory}'`;
    const aim = memory === 'low' ? 'low memory' : 'memory';
    return { text: `${value.toFixed(2)} GB`, findings: [{ what, threads, value, aim }], data: { value } };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Gigabytes of the process at most. */
async function peak(
  path: string,
  memory: 'normal' | 'low',
  threads: number,
  { height, width }: Size,
): Promise<number> {
  await using file = await openFile(path);
  const model = await loadModel(file, { weights: 'source' });
  const backend = await wasmBackend({ threads, memory });
  const detector = createDetector({ model, backend, shortSide: height, longSide: width });
  const frames = [0, 1].map((t) => movingShapes(t, width, height));
  for await (const _ of detector.detect(frames));
  detector.dispose();
  backend.dispose();
  return (process.resourceUsage().maxRSS * 1024) / 1e9;
}
