/** Looks at a file and says what it is, as data. */
import { chooseWeights } from '../../../weights-converter/box-weights.ts';
import { checkpointFormat } from '../../../weights-converter/checkpoint.ts';
import {
  type Checkpoint,
  compareWithNetwork,
  describeNetwork,
  openCheckpoint,
  openParams,
  parseMetadata,
  recognise,
} from '../../../weights-converter/index.ts';
import { decodeImage, imageFormat } from '../../data/index.ts';
import { openFile } from '../../node/index.ts';
import { type ByteSource, DffError, elementBits, elementCount, FormatError } from '../../tensor/index.ts';
import { inspectSymbol } from './inspect-symbol.ts';
import type {
  Content,
  InspectedArray,
  InspectedArrays,
  InspectedNetwork,
  InspectedParams,
  InspectedSafetensors,
  Inspection,
} from './inspection.ts';

/** Symbol files have about a thousand bytes a node; more than this is something else. */
const LARGEST_SYMBOL = 64e6;

const LARGEST_IMAGE = 1e9;

/** @throws DffError when the file cannot be read, is of no known kind, or damaged */
export async function inspectFile(path: string): Promise<Inspection> {
  await using source = await openFile(path);
  return { file: path, bytes: source.size, ...(await inspectContent(source, path)) };
}

async function inspectContent(source: ByteSource, path: string): Promise<Content> {
  const start = await source.read(0, Math.min(64, source.size));
  if (source.size === 0) throw new FormatError(`${path}: the file is empty`);
  const format = imageFormat(start);
  if (format !== undefined) {
    const { width, height } = await decodeImage(await whole(source, LARGEST_IMAGE), { name: path });
    return { kind: 'image', format, width, height };
  }
  if (beginsAsJson(start)) {
    return inspectSymbol(new TextDecoder().decode(await whole(source, LARGEST_SYMBOL)), source.name);
  }
  if (checkpointFormat(start) === undefined) throw unknownKind(path, start);
  return inspectCheckpoint(source, await openCheckpoint(source));
}

/** Safetensors may begin with the byte of `{` too, as part of a length whose upper bytes are 0. */
function beginsAsJson(start: Uint8Array): boolean {
  return !start.includes(0) && new TextDecoder('latin1').decode(start).trimStart().startsWith('{');
}

function unknownKind(path: string, start: Uint8Array): FormatError {
  const bytes = [...start.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const known = 'MXNet parameters, safetensors, an MXNet symbol, JPEG or PNG';
  return new FormatError(`${path}: of no kind that dff knows, it starts with ${bytes}, expected ${known}`);
}

async function whole(source: ByteSource, most: number): Promise<Uint8Array> {
  if (source.size <= most) return source.read(0, source.size);
  throw new FormatError(`${source.name}: has ${source.size} bytes, at most ${most} are read of such a file`);
}

async function inspectCheckpoint(
  source: ByteSource,
  checkpoint: Checkpoint,
): Promise<InspectedParams | InspectedSafetensors> {
  const network = inspectNetwork(checkpoint);
  const { format, metadata, warnings } = checkpoint;
  if (format === 'params') {
    const { entries } = await openParams(source);
    const forms = [...new Set(entries.map(({ form }) => form))];
    return { kind: 'params', forms, warnings, ...arraysOf(entries), network };
  }
  const entries = [...checkpoint.entries.values()].map((entry) => ({ ...entry, storage: 'dense' }));
  return { kind: 'safetensors', metadata: Object.fromEntries(metadata), ...arraysOf(entries), network };
}

function arraysOf(entries: readonly InspectedArray[]): Omit<InspectedArrays, 'network'> {
  const arrays = entries.map(({ name, type, shape, storage }) => ({ name, type, shape, storage }));
  const elements = arrays.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const bits = arrays.reduce((sum, { type, shape }) => sum + elementBits[type] * elementCount(shape), 0);
  return { arrays, elements, dataBytes: bits / 8 };
}

function inspectNetwork(checkpoint: Checkpoint): InspectedNetwork {
  try {
    const { weights } = chooseWeights(checkpoint);
    const shapes = new Map(Array.from(weights, ([name, { shape }]) => [name, shape] as const));
    const { family, configuration } =
      parseMetadata(checkpoint.metadata, checkpoint.name) ?? recognise(shapes, {}, checkpoint.name);
    const network = { family, configuration };
    const mismatch = compareWithNetwork(shapes, network);
    const complete = Object.values(mismatch).every((list) => list.length === 0);
    return { recognised: true, name: describeNetwork(network), complete, ...network, ...mismatch };
  } catch (error) {
    if (error instanceof DffError) return { recognised: false, reason: error.message };
    throw error;
  }
}
