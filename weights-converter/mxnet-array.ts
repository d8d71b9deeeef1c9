/**
 * One array record of an MXNet `.params` file, in any of the four forms that MXNet has written. Only the fields
 * around the data are read; where the data lies is remembered.
 *
 *   legacy  until May 2017, the form of the released Deep Feature Flow models: starts with the number of dimensions
 *   V1      until August 2017: a magic number, sizes of 64 bits
 *   V2      every 1.x: also a storage type, sparse arrays
 *   V3      1.5 and later under NumPy shape semantics: scalars, unknown shapes
 */
import { elementBits, type ElementType } from '../src/tensor/elements.ts';
import { elementCount, formatShape, type Shape } from '../src/tensor/shape.ts';
import type { Cursor } from './cursor.ts';

export type ArrayForm = 'legacy' | 'v1' | 'v2' | 'v3';

/** `none`: an array that was never given a shape; it has no elements. */
export type ArrayStorage = 'dense' | 'row_sparse' | 'csr' | 'none';

/** Numbers in the file: a dense array, or a part of a sparse one. */
export interface StoredBlock {
  readonly type: ElementType;
  readonly shape: Shape;
  /** First byte, counted from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

export interface ArrayRecord {
  readonly form: ArrayForm;
  readonly storage: ArrayStorage;
  readonly type: ElementType;
  /** Of the whole array, also where only part of it is stored. [0] for `none`. */
  readonly shape: Shape;
  /** The array itself, or the elements that a sparse one stores. */
  readonly values: StoredBlock;
  /** row_sparse: row numbers. csr: where each row begins, then column numbers. */
  readonly indices: readonly StoredBlock[];
}

/** Element types by MXNet's type flag. */
export const typeFlags: readonly ElementType[] = [
  'F32',
  'F64',
  'F16',
  'U8',
  'I32',
  'I8',
  'I64',
  'BOOL',
  'I16',
  'U16',
  'U32',
  'U64',
  'BF16',
];

export const arrayMagic = { v1: 0xf993fac8, v2: 0xf993fac9, v3: 0xf993faca } as const;

/** By MXNet's storage type. */
const storages = ['dense', 'row_sparse', 'csr'] as const;

/** More dimensions than NumPy allows mean that this is no array. */
const LARGEST_RANK = 32;

const emptyBlock: StoredBlock = { type: 'F32', shape: [0], offset: 0, byteLength: 0 };

function none(form: ArrayForm): ArrayRecord {
  return { form, storage: 'none', type: 'F32', shape: [0], values: emptyBlock, indices: [] };
}

/**
 * Reads the record at the cursor and moves past it.
 *
 * @throws FormatError when it is no array of a known form, or reaches past the end of the file
 */
export async function readArrayRecord(cursor: Cursor): Promise<ArrayRecord> {
  const first = await cursor.uint32('array form');
  if (first === arrayMagic.v2) return readStorageRecord(cursor, 'v2');
  if (first === arrayMagic.v3) return readStorageRecord(cursor, 'v3');
  const form = first === arrayMagic.v1 ? 'v1' : 'legacy';
  const rank = form === 'v1' ? await cursor.uint32('number of dimensions') : first;
  if (rank > LARGEST_RANK) {
    throw cursor.error(
      `neither a known array form nor a number of dimensions (0x${rank.toString(16)}, at most ${LARGEST_RANK})`,
    );
  }
  if (rank === 0) return none(form);
  const shape = await readSizes(cursor, rank, form === 'v1' ? 'int64' : 'uint32');
  const type = await readContextAndType(cursor);
  return { form, storage: 'dense', type, shape, values: passBlock(cursor, type, shape), indices: [] };
}

/** V2 and V3, after their magic number. */
async function readStorageRecord(cursor: Cursor, form: 'v2' | 'v3'): Promise<ArrayRecord> {
  const storage = storages[await cursor.int32('storage type')];
  if (storage === undefined || (form === 'v3' && storage !== 'dense')) {
    throw cursor.error('unknown storage type, expected 0 (dense), or in V2 also 1 (row_sparse) or 2 (csr)');
  }
  const stored = storage === 'dense' ? undefined : await readShape(cursor, false);
  const shape = await readShape(cursor, form === 'v3');
  // An unknown size is 0 dimensions in V2; in V3 that is a scalar and -1 stands for unknown.
  if (shape === undefined || (form === 'v2' && shape.length === 0)) return none(form);
  const type = await readContextAndType(cursor);
  if (storage === 'dense') {
    return { form, storage, type, shape, values: passBlock(cursor, type, shape), indices: [] };
  }
  const count = storage === 'row_sparse' ? 1 : 2;
  const headers: { type: ElementType; shape: Shape }[] = [];
  for (let k = 0; k < count; k++) {
    const indexType = await readType(cursor);
    headers.push({ type: indexType, shape: (await readShape(cursor, false)) ?? [] });
  }
  checkSparse(cursor, storage, shape, stored ?? [], headers);
  const values = passBlock(cursor, type, stored ?? []);
  const indices = headers.map((header) => passBlock(cursor, header.type, header.shape));
  return { form, storage, type, shape, values, indices };
}

/** A number of dimensions and as many sizes of 64 bits; undefined where -1 in either says unknown. */
async function readShape(cursor: Cursor, mayBeUnknown: boolean): Promise<Shape | undefined> {
  const rank = await cursor.int32('number of dimensions');
  if (rank === -1 && mayBeUnknown) return undefined;
  if (rank < 0 || rank > LARGEST_RANK) {
    throw cursor.error(`the array has ${rank} dimensions, expected 0 to ${LARGEST_RANK}`);
  }
  return readSizes(cursor, rank, 'int64', mayBeUnknown);
}

async function readSizes(cursor: Cursor, rank: number, width: 'uint32' | 'int64'): Promise<Shape>;
async function readSizes(
  cursor: Cursor,
  rank: number,
  width: 'uint32' | 'int64',
  mayBeUnknown: boolean,
): Promise<Shape | undefined>;
async function readSizes(
  cursor: Cursor,
  rank: number,
  width: 'uint32' | 'int64',
  mayBeUnknown = false,
): Promise<Shape | undefined> {
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) shape.push(await cursor[width]('sizes'));
  if (mayBeUnknown && shape.includes(-1)) return undefined;
  const odd = shape.find((size) => !Number.isSafeInteger(size) || size < 0);
  if (odd !== undefined) throw cursor.error(`the array has a size of ${odd}`);
  return shape;
}

/** The device an array was saved from says nothing about its numbers. */
async function readContextAndType(cursor: Cursor): Promise<ElementType> {
  cursor.skip(8, 'device');
  return readType(cursor);
}

async function readType(cursor: Cursor): Promise<ElementType> {
  const flag = await cursor.int32('element type');
  const type = typeFlags[flag];
  if (type === undefined)
    throw cursor.error(`unknown element type flag ${flag}, expected 0 to ${typeFlags.length - 1}`);
  return type;
}

/** Remembers where numbers lie and moves past them. */
function passBlock(cursor: Cursor, type: ElementType, shape: Shape): StoredBlock {
  // Beyond 2^53 the product is not exact, but far more than any file has; 0 × Infinity would be no number.
  const byteLength = shape.includes(0) ? 0 : (elementCount(shape) * elementBits[type]) / 8;
  const offset = cursor.position;
  cursor.skip(byteLength, `${type} data of ${formatShape(shape)}`);
  return { type, shape, offset, byteLength };
}

/** Throws unless the parts of a sparse array fit each other. */
function checkSparse(
  cursor: Cursor,
  storage: 'row_sparse' | 'csr',
  shape: Shape,
  stored: Shape,
  indices: readonly { type: ElementType; shape: Shape }[],
): void {
  const parts = indices.map((index) => `${index.type} ${formatShape(index.shape)}`).join(' and ');
  const whole = indices.every((index) => index.type === 'I64' || index.type === 'I32');
  const [first, second] = indices.map((index) => (index.shape.length === 1 ? index.shape[0]! : -1));
  const fits =
    storage === 'row_sparse'
      ? stored.length === shape.length &&
        stored.slice(1).every((size, k) => size === shape[k + 1]) &&
        first === stored[0]
      : shape.length === 2 &&
        stored.length === 1 &&
        second === stored[0] &&
        (first === shape[0]! + 1 || (first === 0 && second === 0));
  if (whole && fits) return;
  throw cursor.error(
    `the parts of a ${storage} array do not fit: shape ${formatShape(shape)}, values ${formatShape(stored)}, indices ${parts}`,
  );
}
