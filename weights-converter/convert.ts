/**
 * Conversion to safetensors. One array is in memory at a time, the source is read twice: once for its SHA-256, which
 * stands in the header of the result, once for the numbers.
 */
import { imagenetVidNames } from '../src/data/classes.ts';
import { preprocessDefaults } from '../src/data/preprocess.ts';
import type { NetworkConfiguration } from '../src/nets/index.ts';
import { type ByteSink, type ByteSource, readChunks } from '../src/tensor/byte-source.ts';
import { encodeElements } from '../src/tensor/elements.ts';
import { type SafetensorsContent, writeSafetensors } from '../src/tensor/safetensors/index.ts';
import { elementCount } from '../src/tensor/shape.ts';
import { cast } from '../src/tensor/tensor.ts';
import { chooseWeights, type ChosenWeights, trainingName } from './box-weights.ts';
import { checkNetwork } from './check.ts';
import { type Checkpoint, type CheckpointEntry, openCheckpoint } from './checkpoint.ts';
import { encodeMetadata, type ModelMetadata, parseMetadata } from './metadata.ts';
import { type NetworkDescription, type NetworkFamily, recognise, type Shapes } from './recognise.ts';
import { type Hasher, sha256 } from './sha256.ts';

/** What the shapes of a checkpoint do not tell, or should not be asked for. */
export interface NetworkHints {
  readonly family?: NetworkFamily;
  readonly configuration?: Partial<NetworkConfiguration>;
}

export interface ConvertOptions {
  /** Overrides what is recognised, e.g. the anchors. Default: everything is recognised. */
  readonly network?: NetworkHints;
  /** By label, the background first. Default: those in the file; ImageNet VID's for a network of 31 classes. */
  readonly classNames?: readonly string[];
  /** Keep the form for training of the box layer as `rfcn_bbox_weight_train` and `..._bias_train`. Default true. */
  readonly keepTrainingWeights?: boolean;
  /** Default: SHA-256 in JavaScript. `nodeSha256()` is faster. */
  readonly hasher?: Hasher;
}

export interface ConversionReport {
  /** Arrays written. */
  readonly tensors: number;
  /** Numbers written. */
  readonly elements: number;
  readonly sourceSha256: string;
  /** What is odd but no error. One sentence each. */
  readonly warnings: readonly string[];
}

/** A report that also says what the network is. */
export type CheckpointReport = ConversionReport & Omit<ModelMetadata, 'source'>;

/**
 * Converts a checkpoint of Deep Feature Flow or Frame R-FCN. The result has official names without prefixes, float32
 * numbers, and metadata from which a detector can be built; under the plain names are the weights for detection.
 *
 * @param source MXNet `.params`, or safetensors, also one that was converted before
 * @throws ParameterError when names or shapes are not those of the network
 * @throws FormatError when the file is damaged or of no known kind
 * @example await writeAtomically('dff.safetensors', (sink) => convertCheckpoint(source, sink))
 */
export async function convertCheckpoint(
  source: ByteSource,
  sink: ByteSink,
  options: ConvertOptions = {},
): Promise<CheckpointReport> {
  const checkpoint = await openCheckpoint(source);
  const chosen = chooseWeights(checkpoint);
  const known = parseMetadata(checkpoint.metadata, source.name);
  const network = networkOf(chosen, checkpoint, known, options.network);
  const hash = known?.sourceSha256 || (await hashOf(source, options.hasher ?? sha256()));
  const model: ModelMetadata = {
    ...network,
    classNames: options.classNames ?? known?.classNames ?? officialClassNames(network.configuration),
    pixelMeans: known?.pixelMeans ?? preprocessDefaults.pixelMeans,
    boxWeights: chosen.boxWeights,
    source: known?.source ?? source.name,
    sourceSha256: hash,
  };
  const training = options.keepTrainingWeights === false ? [] : [...chosen.training];
  const contents = [
    ...Array.from(chosen.weights, ([name, entry]) => asFloat32(name, entry)),
    ...training.map(([name, entry]) => asFloat32(trainingName(name), entry)),
  ];
  await writeSafetensors(sink, contents, encodeMetadata(model));
  const rounded = [...chosen.weights.values()].filter(({ type }) => !exactInFloat32.has(type));
  const rounding = rounded.map(
    ({ name, type }) => `${source.name}: ${name} is ${type} and was rounded to F32`,
  );
  return {
    ...network,
    classNames: model.classNames,
    pixelMeans: model.pixelMeans,
    boxWeights: model.boxWeights,
    sourceSha256: hash,
    ...counts(contents),
    warnings: [...checkpoint.warnings, ...chosen.warnings, ...rounding],
  };
}

/** The classes of the released models, for a network with as many. MXNet checkpoints do not name theirs. */
function officialClassNames({ classes }: NetworkConfiguration): readonly string[] | undefined {
  return classes === imagenetVidNames.length ? imagenetVidNames : undefined;
}

/**
 * Converts any parameter file as it is: names, element types and numbers. `arg:` and `aux:` go from the names when all
 * have one and stay different without; the metadata then lists the auxiliary names as JSON under `mxnet_auxiliary`.
 *
 * @throws FormatError when the file is damaged or of no known kind
 */
export async function convertGeneric(
  source: ByteSource,
  sink: ByteSink,
  { hasher = sha256() }: Pick<ConvertOptions, 'hasher'> = {},
): Promise<ConversionReport> {
  const checkpoint = await openCheckpoint(source);
  const entries = [...checkpoint.entries.values()];
  const auxiliary = entries.filter((entry) => entry.auxiliary).map(({ name }) => name);
  const sourceSha256 = await hashOf(source, hasher);
  const metadata = {
    ...Object.fromEntries(checkpoint.metadata),
    ...(auxiliary.length > 0 ? { mxnet_auxiliary: JSON.stringify(auxiliary) } : {}),
    source: source.name,
    source_sha256: sourceSha256,
  };
  await writeSafetensors(sink, entries, metadata);
  return { ...counts(entries), sourceSha256, warnings: checkpoint.warnings };
}

/** What the weights are for: as the file says, else as their shapes say. Checked against all of them. */
export function networkOf(
  { weights }: Pick<ChosenWeights, 'weights'>,
  { name: file }: Checkpoint,
  known: NetworkDescription | undefined,
  hints: NetworkHints = {},
): NetworkDescription {
  const shapes: Shapes = new Map(Array.from(weights, ([name, { shape }]) => [name, shape]));
  const recognised = known ?? recognise(shapes, hints.configuration, file);
  const network: NetworkDescription = {
    family: hints.family ?? recognised.family,
    configuration: { ...recognised.configuration, ...hints.configuration },
  };
  checkNetwork(shapes, network, file);
  return network;
}

/** Element types whose every value is a float32. */
const exactInFloat32: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16', 'U8', 'I8', 'U16', 'I16', 'BOOL']);

function asFloat32(name: string, entry: CheckpointEntry): SafetensorsContent {
  const { shape } = entry;
  if (entry.type === 'F32') return { name, type: 'F32', shape, bytes: () => entry.bytes() };
  async function* rounded(): AsyncGenerator<Uint8Array, void, undefined> {
    yield encodeElements(cast(await entry.read(), 'float32').data);
  }
  return { name, type: 'F32', shape, bytes: rounded };
}

async function hashOf(source: ByteSource, hasher: Hasher): Promise<string> {
  for await (const piece of readChunks(source, 0, source.size)) hasher.update(piece);
  return hasher.digest();
}

function counts(
  written: readonly { readonly shape: readonly number[] }[],
): Pick<ConversionReport, 'tensors' | 'elements'> {
  const elements = written.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return { tensors: written.length, elements };
}
