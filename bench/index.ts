/**
 * Measures the reference backend: its convolutions against a peer in the same run, and the stages of the networks.
 * Absolute numbers are those of this machine in this minute; compare ratios.
 */
import { arch, cpus, platform } from 'node:os';
import { officialConfiguration, officialGraph } from '../src/nets/index.ts';
import { compareLayer, type LayerResult, weightedRatio } from './compare-layers.ts';
import { convolutionLayers } from './layers.ts';
import { type Options, readOptions, usage } from './options.ts';
import { type GraphResult, measureStages } from './stages.ts';
import { table } from './table.ts';
import { tensorflowVersion } from './tensorflow.ts';

const size = { height: 562, width: 1000 };

const giga = (value: number): string => (value / 1e9).toFixed(2);
const gigaflops = (multiplyAddsPerSecond: number): string => giga(2 * multiplyAddsPerSecond);

function measureLayers({ quick }: Options): Record<'key' | 'current', LayerResult[]> {
  const options = quick ? { budget: 2e7, repetitions: 3 } : { budget: 1e8, repetitions: 5 };
  const measure = (kind: 'key' | 'current'): LayerResult[] =>
    convolutionLayers(officialGraph(kind, officialConfiguration, size)).map((layer) =>
      compareLayer(layer, options),
    );
  return { key: measure('key'), current: measure('current') };
}

function layerTable(results: readonly LayerResult[]): string {
  const header = ['count', 'first', 'layer', 'rows', 'Gmadd', 'ours', 'tfjs', 'ratio'];
  const rows = results.map(({ count, name, shape, rows: [some, all], multiplyAdds, ours, theirs }) => [
    count,
    name,
    shape,
    some < all ? `${some} of ${all}` : `${all}`,
    giga(multiplyAdds),
    gigaflops(ours),
    gigaflops(theirs),
    (ours / theirs).toFixed(2),
  ]);
  return table(header, rows);
}

function stageTable({ graph, stages }: GraphResult): string {
  const rows = stages.map(({ stage, nodes, multiplyAdds, seconds }) => [
    stage,
    nodes,
    giga(multiplyAdds),
    seconds.toFixed(2),
    multiplyAdds > 0 ? gigaflops(multiplyAdds / seconds) : '',
  ]);
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  return `${table([graph, 'nodes', 'Gmadd', 'seconds', 'GFLOP/s'], rows)}\ntotal ${total.toFixed(2)} s`;
}

async function main(options: Options): Promise<void> {
  const print = options.json ? (): void => {} : console.log;
  const processor = cpus()[0]?.model.trim() || 'unknown processor';
  const machine = `${platform()} ${arch()}, ${processor}, ${cpus().length} cores, Node ${process.version}`;
  print(machine);

  let layers: Record<'key' | 'current', LayerResult[]> | undefined;
  if (options.layers) {
    print(
      `\nConvolutions at ${size.height}x${size.width}, GFLOP/s; tfjs is ${tensorflowVersion}, backend cpu`,
    );
    layers = measureLayers(options);
    for (const kind of ['key', 'current'] as const) {
      const ratio = `weighted by multiply-adds: ${weightedRatio(layers[kind]).toFixed(2)} times tfjs`;
      print(`\n${kind} graph\n${layerTable(layers[kind])}\n${ratio}`);
    }
  }

  let stages: GraphResult[] | undefined;
  const widthDivisor = options.full ? 1 : 4;
  if (options.stages) {
    stages = await measureStages({ ...size, widthDivisor });
    print(`\nStages at ${size.height}x${size.width}, channels divided by ${widthDivisor}, by the clock`);
    for (const result of stages) print(`\n${stageTable(result)}`);
  }
  if (options.json)
    console.log(JSON.stringify({ machine, tensorflowVersion, size, layers, widthDivisor, stages }));
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
