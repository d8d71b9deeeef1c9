/**
 * The tile that is fastest here, found by timing: engines differ by a factor of two on the wrong one, and what decides is
 * the version of the engine's compiler rather than the processor.
 */
import { BLOCK, PIXEL_BYTES } from './layout.ts';
import { link } from './link.ts';
import { type Address, step } from './kernel.ts';
import { productsKernel } from './kernels/products.ts';
import { resetProgram, stepTimes } from './program.ts';
import type { Team } from './team.ts';
import type { Tuning } from './tuning.ts';

type Tile = Tuning['tile'];

/** With the most pixels first: sixteen registers hold the sums of six where products and sums are fused, else of five. */
const candidates: readonly Tile[] = [
  { pixels: 6, unrolled: true },
  { pixels: 5, unrolled: true },
  { pixels: 4, unrolled: false },
];

/** A layer of 64 channels on this many pixels, a multiple of all candidates'. */
const PIXELS = 120;
const CHANNEL_BLOCKS = 8;
/** How often the layer is computed in one go, and for how long in all, in milliseconds. */
const REPETITIONS = 8;
const BUDGET = 30;
/** Times closer than this are equal: the earlier candidate is taken. */
const NOISE = 1.05;

export async function chooseTile(team: Team, relaxed: boolean): Promise<Tile> {
  const buffer = (bytes: number): Address => ({ buffer: { bytes, constant: false }, offset: 0 });
  const table = Int32Array.from({ length: CHANNEL_BLOCKS }, (_, block) => block * PIXELS * PIXEL_BYTES);
  const tableAddress = { buffer: { bytes: table.byteLength, constant: true }, offset: 0 };
  const [input, output] = [
    buffer(CHANNEL_BLOCKS * PIXELS * PIXEL_BYTES),
    buffer(CHANNEL_BLOCKS * PIXELS * PIXEL_BYTES),
  ];
  const weights = buffer(CHANNEL_BLOCKS ** 2 * BLOCK * PIXEL_BYTES);
  const steps = candidates.map(({ pixels, unrolled }) => {
    const shape = {
      pixels,
      tail: 0,
      depth: BLOCK,
      inputStep: PIXEL_BYTES,
      outputStep: PIXEL_BYTES,
      unrolled,
    } as const;
    return step(productsKernel(shape), REPETITIONS, {
      input,
      inputImage: 0,
      inputRow: 0,
      table: tableAddress,
      entries: CHANNEL_BLOCKS,
      weights,
      weightsImage: 0,
      output,
      outputImage: 0,
      outputBlock: PIXELS * PIXEL_BYTES,
      outputRow: 0,
      bias: input,
      biasBlock: 0,
      residual: null,
      activation: 0,
      slope: 1,
      rows: 1,
      columns: PIXELS,
      blocks: CHANNEL_BLOCKS,
      chunkRows: 1,
      chunkColumns: PIXELS,
      chunksX: 1,
      chunksY: 1,
      groupBlocks: CHANNEL_BLOCKS,
      groups: 1,
    });
  });
  const linked = await link(
    {
      steps: steps.map((work) => ({ node: 0, work })),
      preparations: [],
      constants: [{ buffer: tableAddress.buffer, data: table }],
      inputs: [input],
      outputs: [],
      kernels: [],
    },
    { relaxed, shared: team.where === 'workers', allocate: (pages) => team.allocate(pages) },
  );
  const program = await team.open(await WebAssembly.compile(linked.module), linked.memory);
  const best = candidates.map(() => Infinity);
  const start = performance.now();
  do {
    resetProgram(linked.memory, linked.steps, { first: 0, end: steps.length });
    await program.run({ first: 0, end: steps.length });
    stepTimes(linked.memory, linked.steps, { first: 0, end: steps.length }).forEach((time, k) => {
      best[k] = Math.min(best[k]!, time);
    });
  } while (performance.now() - start < BUDGET);
  program.close();
  const fastest = Math.min(...best);
  return candidates[best.findIndex((time) => time <= NOISE * fastest)]!;
}
