/** A checkpoint of the family, checked and ready: what a detector or a training run starts from. */
import { preprocessDefaults } from '../src/data/preprocess.ts';
import type { ByteSource } from '../src/tensor/byte-source.ts';
import { ParameterError } from '../src/tensor/errors.ts';
import { cast, type Tensor } from '../src/tensor/tensor.ts';
import { chooseWeights, type WeightUse } from './box-weights.ts';
import { type CheckpointEntry, openCheckpoint } from './checkpoint.ts';
import { networkOf, type NetworkHints } from './convert.ts';
import { parseMetadata, type PixelMeans } from './metadata.ts';
import type { NetworkDescription } from './recognise.ts';
import { storedTensors } from './stored-tensors.ts';

export interface LoadOptions {
  /** `test`: weights for detection. `train`: the box layer in the form for training. Default `test`. */
  readonly use?: WeightUse;
  /**
   * Where weights are between two uses. `memory` (default), or `source`: each is read again whenever it is asked for, so
   * that the source must stay open; where it cannot be read without waiting, as MXNet's files here, weights are in memory
   * all the same.
   */
  readonly weights?: 'memory' | 'source';
  /** Overrides what is recognised, e.g. the anchors. */
  readonly network?: NetworkHints;
}

export interface LoadedCheckpoint extends NetworkDescription {
  /** Official name to float32 tensor; exactly those of the network. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** By label, the background first; undefined when the file does not say. */
  readonly classNames: readonly string[] | undefined;
  /** What is subtracted from red, green and blue. */
  readonly pixelMeans: PixelMeans;
  readonly warnings: readonly string[];
}

/**
 * Loads a checkpoint, MXNet `.params` or safetensors, and checks every name and shape.
 *
 * @throws ParameterError when it is for another network, or was converted without the weights for training
 * @throws FormatError when the file is damaged or of no known kind
 * @example const { family, configuration, parameters } = await loadCheckpoint(await openFile('dff.safetensors'));
 */
export async function loadCheckpoint(
  source: ByteSource,
  { use = 'test', weights = 'memory', network: hints }: LoadOptions = {},
): Promise<LoadedCheckpoint> {
  const checkpoint = await openCheckpoint(source);
  const chosen = chooseWeights(checkpoint);
  const known = parseMetadata(checkpoint.metadata, source.name);
  const network = networkOf(chosen, checkpoint, known, hints);
  const wanted = new Map(chosen.weights);
  if (use === 'train') {
    if (chosen.training.size === 0 && chosen.boxWeights === 'test') {
      throw new ParameterError(
        `${source.name}: holds the box layer for detection only; convert again with keepTrainingWeights`,
      );
    }
    for (const [name, entry] of chosen.training) wanted.set(name, entry);
  }
  const parameters = await parametersOf(wanted, weights);
  return {
    ...network,
    parameters,
    classNames: known?.classNames,
    pixelMeans: known?.pixelMeans ?? preprocessDefaults.pixelMeans,
    warnings: [
      ...checkpoint.warnings,
      ...(use === 'test' ? chosen.warnings : []),
      ...notFinite(parameters, source.name),
    ],
  };
}

async function parametersOf(
  entries: ReadonlyMap<string, CheckpointEntry>,
  weights: 'memory' | 'source',
): Promise<ReadonlyMap<string, Tensor>> {
  if (weights === 'source') {
    const stored = [...entries].flatMap(([name, { readNow }]) =>
      readNow ? [[name, { readNow }] as const] : [],
    );
    if (stored.length === entries.size) return storedTensors(new Map(stored));
  }
  const parameters = new Map<string, Tensor>();
  for (const [name, entry] of entries) parameters.set(name, cast(await entry.read(), 'float32'));
  return parameters;
}

/** The network would compute NaN without a complaint, and find nothing. */
function notFinite(parameters: ReadonlyMap<string, Tensor>, file: string): string[] {
  const names: string[] = [];
  for (const [name, { data }] of parameters) if (!allFinite(data)) names.push(name);
  if (names.length === 0) return [];
  const more = names.length > 3 ? `, ... (${names.length} arrays)` : '';
  return [`${file}: NaN or infinite numbers in ${names.slice(0, 3).join(', ')}${more}; scores will be wrong`];
}

function allFinite(data: Tensor['data']): boolean {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return false;
  return true;
}
