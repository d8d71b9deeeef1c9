/**
 * MXNet `.params` files: a list of arrays, then a list of their names. Opening one walks over the file and reads only
 * what lies around the data, so that a model of 400 MB costs a few kilobytes until an array is asked for.
 */
import { type ByteSource, readChunks } from '../src/tensor/byte-source.ts';
import { decodeElements } from '../src/tensor/elements.ts';
import { FormatError } from '../src/tensor/errors.ts';
import { quoted } from '../src/tensor/safetensors/json.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { type Cursor, cursor } from './cursor.ts';
import { type ArrayRecord, readArrayRecord } from './mxnet-array.ts';
import { checkDenseSize, densify } from './mxnet-sparse.ts';

/** An array of the file. Its element type, shape and place are known, its numbers are not loaded. */
export interface ParamsEntry extends ArrayRecord {
  /** As stored, e.g. `arg:conv1_weight`; in a file without names the position: `0`, `1`, ... */
  readonly name: string;
}

export interface ParamsFile {
  /** What messages call the file. */
  readonly name: string;
  /** Whether the arrays have names. */
  readonly named: boolean;
  /** In file order, which is arbitrary in files written by Python 2. Names are unique. */
  readonly entries: readonly ParamsEntry[];
  /** What a reader should know but MXNet accepts, e.g. a name used twice. One sentence each. */
  readonly warnings: readonly string[];
  /**
   * One array. Sparse ones are written out; float32 and float64 come as they are, everything else as the narrower of
   * the two that is exact.
   *
   * @throws FormatError for whole numbers beyond 2^53 and sparse arrays whose indices make no sense
   */
  read(entry: ParamsEntry): Promise<Tensor>;
  /** The bytes of one array, row-major and in its own element type, in pieces. Sparse ones are written out. */
  bytes(entry: ParamsEntry): AsyncIterable<Uint8Array>;
}

/** First field of every file. */
export const LIST_MAGIC = 0x112;

/** Models have hundreds of arrays. An empty array takes 4 bytes of file, so without a bound memory would have none. */
const MOST_ARRAYS = 100_000;

const LONGEST_NAME = 65_535;

/**
 * Opens a `.params` file in any of MXNet's forms.
 *
 * @example const file = await openParams(await openFile('rfcn_dff_flownet_vid-0000.params'));
 * @throws FormatError when it is not such a file, cut off, or has something appended
 */
export async function openParams(source: ByteSource): Promise<ParamsFile> {
  const at = cursor(source);
  await checkStart(at, source);
  const records = await readRecords(at);
  const names = await readNames(at, records.length);
  if (at.remaining > 0) {
    throw at.error(`${at.remaining} bytes follow the last name, expected the end of the file`);
  }
  const named = names !== undefined;
  const { entries, warnings } = withNames(records, names ?? records.map((_, k) => String(k)), source.name);
  const where = (entry: ParamsEntry): string => `${source.name}: array ${quoted(entry.name)}`;
  const sparse = records.filter(isSparse);
  const writtenOut = (entry: ParamsEntry): Promise<Uint8Array> => {
    checkDenseSize(sparse, source.size, where(entry));
    return densify(entry, source, where(entry));
  };
  const bytes = (entry: ParamsEntry): AsyncIterable<Uint8Array> =>
    isSparse(entry)
      ? singlePiece(() => writtenOut(entry))
      : readChunks(source, entry.values.offset, entry.values.byteLength);
  const read = async (entry: ParamsEntry): Promise<Tensor> => {
    const stored = isSparse(entry)
      ? await writtenOut(entry)
      : await source.read(entry.values.offset, entry.values.byteLength);
    const data = decodeElements(entry.type, stored, where(entry));
    return { shape: entry.shape, dtype: data instanceof Float32Array ? 'float32' : 'float64', data };
  };
  return { name: source.name, named, entries, warnings, read, bytes };
}

function isSparse({ storage }: ArrayRecord): boolean {
  return storage === 'row_sparse' || storage === 'csr';
}

/** Made when it is asked for: a promise that failed before anybody awaits it would end the process. */
async function* singlePiece(make: () => Promise<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield await make();
}

async function checkStart(at: Cursor, source: ByteSource): Promise<void> {
  const [first, second] = await source.read(0, Math.min(2, source.size));
  if (first === 0x50 && second === 0x4b) {
    throw new FormatError(
      `${source.name}: a zip archive, as MXNet 2.0 and PyTorch write; save the parameters with MXNet 1.x to convert them`,
    );
  }
  const magic = await at.uint64('list magic');
  if (magic !== LIST_MAGIC) {
    throw new FormatError(
      `${source.name}: not an MXNet parameter file, it begins with 0x${magic.toString(16)}, expected 0x112`,
    );
  }
  at.skip(8, 'reserved field');
}

async function readRecords(at: Cursor): Promise<ArrayRecord[]> {
  const count = await at.uint64('number of arrays');
  if (count > MOST_ARRAYS || count * 4 > at.remaining) {
    throw at.error(
      `${count} arrays cannot be in the ${at.remaining} bytes that are left, or are more than ${MOST_ARRAYS}`,
    );
  }
  const records: ArrayRecord[] = [];
  for (let k = 0; k < count; k++) {
    at.within = `array ${k} of ${count}`;
    records.push(await readArrayRecord(at));
  }
  return records;
}

/** The names, or undefined when the list has none. */
async function readNames(at: Cursor, arrays: number): Promise<string[] | undefined> {
  at.within = 'names';
  const count = await at.uint64('number of names');
  if (count !== 0 && count !== arrays) {
    throw at.error(`${count} names for ${arrays} arrays, expected as many or none`);
  }
  if (count === 0) return undefined;
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const names: string[] = [];
  for (let k = 0; k < count; k++) {
    at.within = `name ${k} of ${count}`;
    const length = await at.uint64('length');
    if (length > LONGEST_NAME)
      throw at.error(`a name of ${length} bytes, at most ${LONGEST_NAME} are allowed`);
    const bytes = await at.bytes(length, 'text');
    try {
      names.push(decoder.decode(bytes));
    } catch {
      throw at.error('the name is not valid UTF-8');
    }
  }
  return names;
}

/** Of arrays with the same name MXNet keeps the last. So do we, but we tell. */
function withNames(
  records: readonly ArrayRecord[],
  names: readonly string[],
  file: string,
): Pick<ParamsFile, 'entries' | 'warnings'> {
  const last = new Map(names.map((name, k) => [name, k]));
  const entries: ParamsEntry[] = [];
  const warnings: string[] = [];
  records.forEach((record, k) => {
    const name = names[k]!;
    if (last.get(name) === k) entries.push({ name, ...record });
    else
      warnings.push(`${file}: array ${quoted(name)} appears again later; the last one counts, as in MXNet`);
  });
  return { entries, warnings };
}
