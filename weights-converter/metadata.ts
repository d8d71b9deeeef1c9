/**
 * What a converted file says about itself, in the metadata of safetensors (text to text):
 *
 *   format         deep-feature-flow
 *   network        dff or frame
 *   configuration  the network configuration as JSON
 *   classes        class names by label, the background first, joined by commas; left out when unknown
 *   pixel_means    what is subtracted from red, green and blue
 *   box_weights    test: ready for detection; unchanged: the source had one form and did not say which
 *   source, source_sha256  the file that was converted
 */
import { preprocessDefaults } from '../src/data/preprocess.ts';
import { configure, type NetworkConfiguration, officialConfiguration } from '../src/nets/index.ts';
import { DffError, FormatError } from '../src/tensor/errors.ts';
import { quoted } from '../src/tensor/safetensors/json.ts';
import { BOX_WEIGHTS_KEY } from './box-weights.ts';
import type { NetworkDescription } from './recognise.ts';

export const FORMAT = 'deep-feature-flow';

export type PixelMeans = readonly [red: number, green: number, blue: number];

export interface ModelMetadata extends NetworkDescription {
  /** By label, the background first. */
  readonly classNames: readonly string[] | undefined;
  /** What is subtracted from red, green and blue. */
  readonly pixelMeans: PixelMeans;
  readonly boxWeights: 'test' | 'unchanged';
  /** Name of the file that was converted. */
  readonly source: string;
  readonly sourceSha256: string;
}

/** @throws DffError when the class names do not fit the network, or hold a comma */
export function encodeMetadata(model: ModelMetadata): Record<string, string> {
  const { family, configuration, classNames, pixelMeans, boxWeights, source, sourceSha256 } = model;
  if (classNames !== undefined) checkClassNames(classNames, configuration);
  return {
    format: FORMAT,
    network: family,
    configuration: JSON.stringify(configuration),
    ...(classNames === undefined ? {} : { classes: classNames.join(',') }),
    pixel_means: pixelMeans.join(','),
    [BOX_WEIGHTS_KEY]: boxWeights,
    source,
    source_sha256: sourceSha256,
  };
}

function checkClassNames(names: readonly string[], { classes }: NetworkConfiguration): void {
  if (names.length !== classes) {
    throw new DffError(
      `class names: got ${names.length}, the network has ${classes} classes; the background counts as one and comes first`,
    );
  }
  const odd = names.find((name) => name.includes(',') || name === '');
  if (odd !== undefined) throw new DffError(`class names: ${quoted(odd)} is empty or has a comma`);
}

/**
 * Reads the metadata of a converted file.
 *
 * @param file what messages call it
 * @returns undefined for files that this package did not write
 * @throws FormatError when the metadata makes no sense
 */
export function parseMetadata(
  metadata: ReadonlyMap<string, string>,
  file: string,
): ModelMetadata | undefined {
  if (metadata.get('format') !== FORMAT) return undefined;
  const family = metadata.get('network');
  if (family !== 'dff' && family !== 'frame') {
    throw new FormatError(
      `${file}: metadata: network is ${quoted(family ?? 'missing')}, expected dff or frame`,
    );
  }
  const configuration = parseConfiguration(metadata.get('configuration') ?? '', file);
  const classNames = metadata.get('classes')?.split(',');
  if (classNames !== undefined && classNames.length !== configuration.classes) {
    throw new FormatError(
      `${file}: metadata: ${classNames.length} class names for ${configuration.classes} classes`,
    );
  }
  return {
    family,
    configuration,
    classNames,
    pixelMeans: parsePixelMeans(metadata.get('pixel_means'), file),
    boxWeights: metadata.get(BOX_WEIGHTS_KEY) === 'test' ? 'test' : 'unchanged',
    source: metadata.get('source') ?? file,
    sourceSha256: metadata.get('source_sha256') ?? '',
  };
}

function parsePixelMeans(text: string | undefined, file: string): PixelMeans {
  if (text === undefined) return preprocessDefaults.pixelMeans;
  const numbers = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [red, green, blue, ...more] = numbers;
  const means = [red, green, blue] as PixelMeans;
  if (more.length === 0 && means.every((mean) => Number.isFinite(mean))) return means;
  throw new FormatError(`${file}: metadata: pixel_means is ${quoted(text)}, expected three numbers`);
}

function parseConfiguration(text: string, file: string): NetworkConfiguration {
  try {
    const value: unknown = JSON.parse(text);
    const odd = misfit(value, officialConfiguration, 'configuration');
    if (odd !== undefined) throw new FormatError(odd);
    return configure(value as NetworkConfiguration);
  } catch (error) {
    const reason = error instanceof DffError ? error.message : 'configuration is not JSON';
    throw new FormatError(`${file}: metadata: ${reason}`);
  }
}

/** What in a value from outside is not of the kind that the official value has; undefined when all is. */
function misfit(value: unknown, official: unknown, path: string): string | undefined {
  if (typeof official === 'number') {
    return Number.isFinite(value) && (value as number) >= 0
      ? undefined
      : `${path} is no number of at least 0`;
  }
  if (typeof official === 'string') {
    return value === 'simple' || value === 'half' ? undefined : `${path} is neither simple nor half`;
  }
  if (Array.isArray(official)) {
    const list = Array.isArray(value) ? (value as unknown[]) : [];
    const fixed = path.endsWith('rpnDeviations');
    if (list.length === 0 || (fixed && list.length !== official.length))
      return `${path} has the wrong length`;
    return list.map((item) => misfit(item, 0, path)).find((odd) => odd !== undefined);
  }
  if (typeof value !== 'object' || value === null) return `${path} is no object`;
  const fields = Object.entries(official as object);
  const stranger = Object.keys(value).find((key) => !fields.some(([name]) => name === key));
  if (stranger !== undefined) return `${path} has an unknown field ${quoted(stranger)}`;
  return fields
    .map(([key, field]) => misfit((value as Record<string, unknown>)[key], field, `${path}.${key}`))
    .find((odd) => odd !== undefined);
}
