/** Sparse MXNet arrays written out in full. They occur in few checkpoints, and nothing after this knows of them. */
import type { ByteSource } from '../src/tensor/byte-source.ts';
import { decodeElements, elementBits } from '../src/tensor/elements.ts';
import { FormatError } from '../src/tensor/errors.ts';
import { elementCount } from '../src/tensor/shape.ts';
import type { ArrayRecord, StoredBlock } from './mxnet-array.ts';

/**
 * A few bytes of a sparse file can ask for any amount of memory. All sparse arrays of a file together get 64 MiB or 256
 * times its size, whichever is more, and never more than 1 GiB.
 */
function mostDense(fileSize: number): number {
  return Math.min(1 << 30, Math.max(1 << 26, 256 * fileSize));
}

function denseSize({ type, shape }: ArrayRecord): number {
  return (elementCount(shape) * elementBits[type]) / 8;
}

/**
 * Throws when the sparse arrays of a file would take too much memory written out, all of them together.
 *
 * @param sparse those of the file
 */
export function checkDenseSize(sparse: readonly ArrayRecord[], fileSize: number, where: string): void {
  const size = sparse.reduce((sum, record) => sum + denseSize(record), 0);
  const most = mostDense(fileSize);
  if (size <= most) return;
  throw new FormatError(
    `${where}: the sparse arrays of the file would take ${size} bytes when written out, at most ${most} are allowed`,
  );
}

/**
 * The bytes of a sparse array as if it had been stored densely. See that `checkDenseSize` allows it.
 *
 * @param where what messages begin with
 * @throws FormatError when indices are out of range or out of order
 */
export async function densify(record: ArrayRecord, source: ByteSource, where: string): Promise<Uint8Array> {
  const values = await source.read(record.values.offset, record.values.byteLength);
  const indices: ArrayLike<number>[] = [];
  for (const block of record.indices) indices.push(await readIndices(block, source, where));
  const dense = new Uint8Array(denseSize(record));
  const [first = [], second = []] = indices;
  if (record.storage === 'row_sparse') placeRows(dense, values, first, record, where);
  else placeElements(dense, values, first, second, record, where);
  return dense;
}

async function readIndices(
  block: StoredBlock,
  source: ByteSource,
  where: string,
): Promise<ArrayLike<number>> {
  return decodeElements(block.type, await source.read(block.offset, block.byteLength), `${where}, indices`);
}

/** row_sparse: row `rows[k]` of the array is the k-th stored row, all others are 0. */
function placeRows(
  dense: Uint8Array,
  values: Uint8Array,
  rows: ArrayLike<number>,
  { shape }: ArrayRecord,
  where: string,
): void {
  const rowBytes = values.length / rows.length;
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k]!;
    if (row < 0 || row >= shape[0]! || (k > 0 && row <= rows[k - 1]!)) {
      throw new FormatError(
        `${where}: row number ${row} of ${shape[0]} rows is out of range or out of order`,
      );
    }
    dense.set(values.subarray(k * rowBytes, (k + 1) * rowBytes), row * rowBytes);
  }
}

/** csr: row r holds the stored elements starts[r] to starts[r + 1] − 1, each in its column. */
function placeElements(
  dense: Uint8Array,
  values: Uint8Array,
  starts: ArrayLike<number>,
  columns: ArrayLike<number>,
  { shape, type }: ArrayRecord,
  where: string,
): void {
  const width = elementBits[type] / 8;
  const [rows = 0, rowLength = 0] = shape;
  if (starts.length === 0) return; // an array of zeros that was never given any
  for (let row = 0; row < rows; row++) {
    const [begin, end] = [starts[row]!, starts[row + 1]!];
    if (begin > end || (row === 0 && begin !== 0) || end > columns.length) {
      throw new FormatError(
        `${where}: row ${row} claims the stored elements ${begin} to ${end} of ${columns.length}`,
      );
    }
    for (let k = begin; k < end; k++) {
      const column = columns[k]!;
      if (column < 0 || column >= rowLength) {
        throw new FormatError(`${where}: column number ${column} of ${rowLength} columns`);
      }
      dense.set(values.subarray(k * width, (k + 1) * width), (row * rowLength + column) * width);
    }
  }
}
