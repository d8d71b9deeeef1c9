/**
 * `npm run bench:wasm-ladder`: one convolution from the loop that one would write first to the one that is used, rung by
 * rung, all in turns in one process. `docs/wasm-kernels.md` explains the rungs.
 *
 *   --rounds N   measurements of each rung (default 9)
 *   --tiles      the table of tiles instead: how many pixels, fused or not, channels written out or in a loop
 *   --errors     how far the results are from float64 instead
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { toHost } from '../../src/backends/index.ts';
import { wasmBackend } from '../../src/backends/wasm/index.ts';
import { type Cell, table } from '../table.ts';
import { errorTable } from './ladder/errors.ts';
import { type Layer, ladderSize, layerGraph, makeLayer, multiplyAdds } from './ladder/layer.ts';
import { check, FEW, hasRelaxed, type Rung, rungs, wasmRung } from './ladder/rungs.ts';
import { type MeasureOptions, takeTurns } from './measure.ts';

const LEAST_MILLISECONDS = 40;

/** Milliseconds of each rung, the fastest of all rounds: other programs on the machine only ever make it slower. */
async function fastest(all: readonly Rung[], options: MeasureOptions): Promise<number[]> {
  const times = await takeTurns(
    all.map(({ run }) => run),
    { leastMilliseconds: LEAST_MILLISECONDS, ...options },
  );
  return times.map((list, k) => Math.min(...list) / (all[k]!.part ?? 1));
}

async function climb(layer: Layer, rounds: number): Promise<string> {
  const backend = await wasmBackend({ threads: 1 });
  const { tileShape, simd } = backend;
  backend.dispose();
  const onThreads = await threads(layer, rounds);
  const all = await rungs(layer, { tile: tileShape, relaxed: simd === 'relaxed' });
  await check(layer, all);
  const times = await fastest(all, { rounds, clock: 'processor' });
  const rows = all.map(({ name }, k): Cell[] => [
    name,
    (times[0]! / times[k]!).toFixed(1),
    k === 0 ? '' : (times[k - 1]! / times[k]!).toFixed(2),
    times[k]!.toFixed(1),
    (multiplyAdds(layer) / times[k]! / 1e6).toFixed(1),
  ]);
  const header = ['rung', 'times the first', 'times the one before', 'ms', '10^9 multiply-adds/s'];
  return [
    table(header, rows),
    `* ${FEW} of ${ladderSize.O} filters, times ${ladderSize.O / FEW}`,
    `Winograd's products here: tile of ${tileShape.pixels}, ${simd === 'relaxed' ? 'fused' : 'plain'}`,
    onThreads,
  ].join('\n');
}

/** The last rung on several threads, wall time against one thread. */
async function threads(layer: Layer, rounds: number): Promise<string> {
  const counts = [1, ...[2, 4, 8, 16].filter((count) => count <= cpus().length)];
  const backends = await Promise.all(counts.map((count) => wasmBackend({ threads: count })));
  const plans = await Promise.all(
    backends.map((backend) =>
      backend.compile(layerGraph(layer, 'largest'), new Map([['weight', layer.weight]])),
    ),
  );
  const all = plans.map((plan, k): Rung => ({
    name: `F(4x4) on ${counts[k]} threads`,
    run: async () => toHost((await plan.run({ data: layer.data }))['out']!),
  }));
  const times = await fastest(all, { rounds: 2 * rounds, clock: 'wall' });
  backends.forEach((backend) => backend.dispose());
  return all
    .map(({ name }, k) => `${name}: ${(times[0]! / times[k]!).toFixed(2)} times as fast as on one`)
    .slice(1)
    .join('\n');
}

/** Every tile, as a part of the fastest of all. */
async function tiles(layer: Layer, rounds: number): Promise<string> {
  const kinds = [
    ['plain, loop', false, false],
    ['plain, written out', false, true],
    ['fused, loop', true, false],
    ['fused, written out', true, true],
  ] as const;
  const sizes = [1, 2, 3, 4, 5, 6, 7, 8];
  const hasFused = hasRelaxed();
  const shown = kinds.filter(([, relaxed]) => hasFused || !relaxed);
  const all: Rung[] = [];
  for (const pixels of sizes) {
    for (const [name, relaxed, unrolled] of shown) {
      all.push(await wasmRung(layer, `${pixels} ${name}`, { relaxed, tile: { pixels, unrolled } }));
    }
  }
  await check(layer, all);
  const times = await fastest(all, { rounds, clock: 'processor' });
  const best = Math.min(...times);
  const rows = sizes.map((pixels, k) => [
    pixels,
    ...shown.map((_, j) => `${((100 * best) / times[k * shown.length + j]!).toFixed(0)} %`),
  ]);
  return table(['pixels', ...shown.map(([name]) => name)], rows);
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    tiles: { type: 'boolean', default: false },
    errors: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
console.log(
  `Node ${process.version} (V8 ${process.versions.v8}), ${cpus()[0]?.model.trim()}, ${cpus().length} cores`,
);
if (values.errors) console.log(await errorTable());
else {
  const layer = makeLayer(ladderSize);
  console.log(values.tiles ? await tiles(layer, rounds) : await climb(layer, rounds));
}
process.exit(0);
