/** A checkpoint of random weights in a file, as large as a real one. */
import { officialGraph } from '../../src/nets/index.ts';
import { writeAtomically } from '../../src/node/index.ts';
import { tensorContent, writeSafetensors } from '../../src/tensor/index.ts';
import { randomWeights } from '../random-weights.ts';
import type { Size } from './size.ts';

export async function writeRandomCheckpoint(path: string, { configuration, ...size }: Size): Promise<void> {
  const graphs = (['key', 'current'] as const).map((kind) => officialGraph(kind, configuration, size));
  const contents = [...randomWeights(graphs)].map(([name, value]) => tensorContent(name, value));
  await writeAtomically(path, (sink) => writeSafetensors(sink, contents));
}
