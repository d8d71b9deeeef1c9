/** A checkpoint of the family, checked and in memory: what a detector or a training run starts from. */
import { preprocessDefaults } from '../src/data/preprocess.ts';
import type { ByteSource } from '../src/tensor/byte-source.ts';
import { ParameterError } from '../src/tensor/errors.ts';
import { cast, type Tensor } from '../src/tensor/tensor.ts';
import { chooseWeights, type WeightUse } from './box-weights.ts';
import { openCheckpoint } from './checkpoint.ts';
import { networkOf, type NetworkHints } from './convert.ts';
import { parseMetadata, type PixelMeans } from './metadata.ts';
import type { NetworkDescription } from './recognise.ts';

export interface LoadOptions {
  /** `test`: weights for detection. `train`: the box layer in the form for training. Default `test`. */
  readonly use?: WeightUse;
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
  { use = 'test', network: hints }: LoadOptions = {},
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
  const parameters = new Map<string, Tensor>();
  for (const [name, entry] of wanted) parameters.set(name, cast(await entry.read(), 'float32'));
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

/** The network would compute NaN without a complaint, and find nothing. */
function notFinite(parameters: ReadonlyMap<string, Tensor>, file: string): string[] {
  const names = [...parameters].filter(([, { data }]) => !allFinite(data)).map(([name]) => name);
  if (names.length === 0) return [];
  const more = names.length > 3 ? `, ... (${names.length} arrays)` : '';
  return [`${file}: NaN or infinite numbers in ${names.slice(0, 3).join(', ')}${more}; scores will be wrong`];
}

function allFinite(data: Tensor['data']): boolean {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return false;
  return true;
}
