/** Model: a network with its weights, as much of it as the detector needs to know. */
import type { Graph, ParameterSource } from '../graph/index.ts';
import { imagenetVidNames, preprocessDefaults, type PreprocessSettings } from '../data/index.ts';
import {
  type NetworkConfiguration,
  type NetworkKind,
  type NetworkSize,
  officialConfiguration,
  officialGraph,
} from '../nets/index.ts';
import { type ByteSource, blobSource, bytesSource } from '../tensor/byte-source.ts';
import { DffError } from '../tensor/errors.ts';
import {
  describeNetwork,
  loadCheckpoint,
  type LoadOptions,
  type NetworkFamily,
} from '../../weights-converter/index.ts';

export interface Model {
  /** `dff`: features are carried from key frames. `frame`: every frame is computed by itself. */
  readonly family: NetworkFamily;
  readonly parameters: ParameterSource;
  /** The graph of a kind for preprocessed images of one size. */
  readonly graph: (kind: NetworkKind, size: NetworkSize) => Graph;
  /** By label, the background first. */
  readonly classNames: readonly string[];
  /** What is subtracted from red, green and blue before the network sees an image. */
  readonly pixelMeans: PixelMeans;
}

type PixelMeans = Required<PreprocessSettings>['pixelMeans'];

export interface OfficialModelOptions {
  /** Default the released Deep Feature Flow model. */
  readonly configuration?: NetworkConfiguration;
  /** Default `dff`. */
  readonly family?: NetworkFamily;
  /** Default ImageNet VID, or numbers when the network has another count of classes. */
  readonly classNames?: readonly string[];
  /** Default the official ones. */
  readonly pixelMeans?: PixelMeans;
}

/**
 * A model of the official architecture.
 *
 * @param parameters weights under their official names, ready for testing
 * @throws DffError when the number of class names is not that of the network's classes
 * @example officialModel(readSafetensors(bytes))
 */
export function officialModel(parameters: ParameterSource, options: OfficialModelOptions = {}): Model {
  const { configuration = officialConfiguration, family = 'dff' } = options;
  const { classes } = configuration;
  const classNames = options.classNames ?? defaultNames(classes);
  if (classNames.length !== classes) {
    throw new DffError(
      `model: the network has ${classes} classes, got ${classNames.length} names; the background counts as one`,
    );
  }
  return {
    family,
    parameters,
    graph: (kind, size) => officialGraph(kind, configuration, size),
    classNames,
    pixelMeans: options.pixelMeans ?? preprocessDefaults.pixelMeans,
  };
}

/** A model with what its file says about it. */
export interface LoadedModel extends Model {
  readonly configuration: NetworkConfiguration;
  /** The network in words: `Deep Feature Flow, ResNet-101, FlowNet Simple, 31 classes`. */
  readonly description: string;
  /** What may be wrong with the file although it can be used. One sentence each. */
  readonly warnings: readonly string[];
}

/** Where a model's bytes are. */
export type ModelSource = Uint8Array | ArrayBuffer | Blob | ByteSource;

/**
 * Loads a checkpoint, safetensors or MXNet `.params`, checks every name and shape, and recognises its network.
 *
 * @param source bytes in memory, a browser's `File`, the `arrayBuffer()` of a response, or anything that can be read by position (`openFile` in Node)
 * @throws ParameterError when it is for another network
 * @throws FormatError when it is damaged or of no known kind
 * @throws DffError when `source` is something else, e.g. a path
 * @param options `weights: 'source'` leaves the weights in the file, which must stay open, until a backend wants them: for
 *   backends that make something of their own of them, such as `wasm`, it saves as much memory as the file is large
 * @example const model = await loadModel(await openFile('dff.safetensors'))
 */
export async function loadModel(
  source: ModelSource,
  options: Pick<LoadOptions, 'network' | 'weights'> = {},
): Promise<LoadedModel> {
  const loaded = await loadCheckpoint(toSource(source), { ...options, use: 'test' });
  const { family, configuration, parameters, classNames, pixelMeans, warnings } = loaded;
  const described = { family, configuration, pixelMeans, ...(classNames && { classNames }) };
  const model = officialModel(parameters, described);
  return { ...model, configuration, description: describeNetwork(loaded), warnings };
}

function toSource(source: ModelSource): ByteSource {
  if (source instanceof Uint8Array) return bytesSource(source, 'model');
  if (source instanceof ArrayBuffer) return bytesSource(new Uint8Array(source), 'model');
  if (source instanceof Blob) return blobSource(source, 'name' in source ? String(source.name) : 'model');
  // Without types, a path or a forgotten await arrives here.
  const given: unknown = source;
  if (typeof given === 'object' && given !== null && 'read' in given) return source;
  const got = typeof given === 'string' ? `the text ${JSON.stringify(given.slice(0, 80))}` : typeof given;
  const hint = 'await openFile(path) of deep-feature-flow/node opens a file, fetch gives an arrayBuffer()';
  throw new DffError(`loadModel: got ${got}, expected bytes, a Blob or a byte source; ${hint}`);
}

function defaultNames(classes: number): readonly string[] {
  if (classes === imagenetVidNames.length) return imagenetVidNames;
  return Array.from({ length: classes }, (_, label) => (label === 0 ? 'background' : `class ${label}`));
}
