/**
 * The tile that is fastest here, found by timing: engines differ by a factor of two on the wrong one, and what decides is
 * the version of the engine's compiler rather than the processor.
 */
import { compileModule } from './compile-module.ts';
import { BLOCK, PIXEL_BYTES } from './layout.ts';
import { link } from './link.ts';
import { type Address, step } from './kernel.ts';
import { productsKernel } from './kernels/products.ts';
import { resetProgram, stepTimes } from './program.ts';
import type { Team } from './team.ts';
import type { Tuning } from './tuning.ts';

type Tile = Tuning['tile'];

/**
 * Candidates, the likeliest first. Sixteen registers hold the sums of six pixels where products and sums are fused, else of
 * five. V8 before version 12 wants a loop, see `kernels/tile.ts`.
 */
function candidatesFor(relaxed: boolean): readonly Tile[] {
  const [six, five] = [6, 5].map((pixels) => ({ pixels, unrolled: true })) as [Tile, Tile];
  const four = { pixels: 4, unrolled: false };
  const written = relaxed ? [six, five] : [five, six];
  return engineVersion() < 12 ? [four, ...written] : [...written, four];
}

/** V8's major version in Node; elsewhere a recent one is assumed. */
function engineVersion(): number {
  const { process } = globalThis as { process?: { readonly versions?: { readonly v8?: string } } };
  return Number.parseInt(process?.versions?.v8 ?? '99', 10);
}

/** A layer of 64 channels on this many pixels, a multiple of all candidates'. */
const PIXELS = 120;
const CHANNEL_BLOCKS = 8;
/** How often the layer is computed in one go. */
const REPETITIONS = 8;
/**
 * Engines run code that is new without optimizing it and swap better code in when that is ready, for each candidate at
 * another time. Times count when for so long none has become shorter; in milliseconds.
 */
const QUIET = 60;
/** The longest that all this may take. */
const MOST = 600;
/** What becomes shorter by less is noise. */
const NOISE = 1.08;
/**
 * By how much another must be faster than the likeliest. The wrong one costs half of the speed, the second best a few
 * percent, which a busy machine hides.
 */
const MARGIN = 1.5;

/** The tiles that were the fastest here, by kind of vectors: an engine does not change while a page or process lives. */
const fastest = new Map<boolean, Tile>();

/** The fastest tile, timed when the first team asks. */
export async function fastestTile(team: Team, relaxed: boolean): Promise<Tile> {
  const tile = fastest.get(relaxed) ?? (await chooseTile(team, relaxed));
  fastest.set(relaxed, tile);
  return tile;
}

async function chooseTile(team: Team, relaxed: boolean): Promise<Tile> {
  const buffer = (bytes: number): Address => ({ buffer: { bytes, constant: false }, offset: 0 });
  const table = Int32Array.from({ length: CHANNEL_BLOCKS }, (_, block) => block * PIXELS * PIXEL_BYTES);
  const tableAddress = { buffer: { bytes: table.byteLength, constant: true }, offset: 0 };
  const [input, output] = [
    buffer(CHANNEL_BLOCKS * PIXELS * PIXEL_BYTES),
    buffer(CHANNEL_BLOCKS * PIXELS * PIXEL_BYTES),
  ];
  const weights = buffer(CHANNEL_BLOCKS ** 2 * BLOCK * PIXEL_BYTES);
  const candidates = candidatesFor(relaxed);
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
  const program = await team.open(await compileModule(linked.module), linked.memory);
  const all = { first: 0, end: steps.length };
  const best = candidates.map(() => Infinity);
  const start = performance.now();
  let improved = start;
  do {
    resetProgram(linked.memory, linked.steps, all);
    await program.run(all);
    stepTimes(linked.memory, linked.steps, all).forEach((time, k) => {
      if (time * NOISE < best[k]!) improved = performance.now();
      best[k] = Math.min(best[k]!, time);
    });
  } while (performance.now() < Math.min(improved + QUIET, start + MOST));
  program.close();
  const least = Math.min(...best);
  return candidates[best.findIndex((time) => time <= MARGIN * least)]!;
}
