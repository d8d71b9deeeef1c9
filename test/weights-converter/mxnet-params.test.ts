import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ByteSource,
  bytesSource,
  type ElementType,
  FormatError,
  memorySink,
  tensor,
} from '../../src/tensor/index.ts';
import { encodeParams, openParams, type ParamsFile, writeParams } from '../../weights-converter/index.ts';
import { hasShared } from '../shared.ts';
import { floats, list, load, narrow, openFixture, pack, readAll } from './kit.ts';

const open = (bytes: Uint8Array): Promise<ParamsFile> => openParams(bytesSource(bytes, 'x.params'));
const values = async (bytes: Uint8Array, index = 0): Promise<number[]> => {
  const file = await open(bytes);
  return [...(await file.read(file.entries[index]!)).data];
};

describe.skipIf(!hasShared)('files written by MXNet', () => {
  test("MXNet's own regression file holds 0 to 127 six times, without names", async () => {
    const file = await openFixture('fixtures/params/legacy_ndarray.v0');
    expect([file.named, file.entries.map(({ name }) => name)]).toEqual([
      false,
      ['0', '1', '2', '3', '4', '5'],
    ]);
    const ramp = Float32Array.from({ length: 128 }, (_, i) => i);
    for (const read of (await readAll(file)).values()) expect(read).toEqual(tensor([128], ramp));
  });

  test.each([
    ['legacy', 'fixtures/params/det1-0001.params', 13, 'arg:conv2_weight', [16, 10, 3, 3]],
    ['legacy', 'fixtures/params/go_test-0001.params', 2, 'arg:pred_weight', [10, 1]],
    ['legacy', 'fixtures/params/jonggon_cnn_bn_mod-100.params', 26, 'aux:batchnorm0_moving_var', [30]],
    ['v1', 'fixtures/params/straight_dope_testnet.params', 6, 'dense1_weight', [256, 256]],
    ['v2', 'fixtures/params/jonggon_cnn_Neural_Net-0100.params', 26, 'arg:CNN_fc1_weight', [50, 960]],
    ['v3', 'fixtures/params/d2l_mlp.params', 4, 'hidden.weight', [256, 20]],
    ['legacy', `${narrow}/narrow-0000.params`, 580, 'aux:bn5c_branch2c_moving_var', [128]],
    ['legacy', `${narrow}/narrow-frame-0000.params`, 532, 'arg:rfcn_bbox_weight_test', [392, 32, 1, 1]],
  ])('%s: %s has %i arrays, one of them %s', async (form, path, count, name, shape) => {
    const file = await openFixture(path);
    expect(file.entries.length).toBe(count);
    expect(new Set(file.entries.map((entry) => entry.form))).toEqual(new Set([form]));
    expect(file.entries.find((entry) => entry.name === name)?.shape).toEqual(shape);
    expect(file.warnings).toEqual([]);
    for (const [key, { data }] of await readAll(file)) {
      if (!data.every(Number.isFinite)) expect.fail(`${key} has numbers that are not finite`);
    }
  });

  test('sparse rows are put where they belong', async () => {
    const path = 'fixtures/params/jonggon_row_sparse_mod-10.params';
    const file = await openFixture(path);
    const [entry] = file.entries;
    expect([entry!.name, entry!.storage, entry!.shape]).toEqual(['arg:1_weight', 'row_sparse', [784, 100]]);
    const stored = new DataView(load(path).buffer);
    const { data } = await file.read(entry!);
    for (let k = 0; k < 784; k++) {
      const row = Number(stored.getBigInt64(entry!.indices[0]!.offset + 8 * k, true));
      for (let column = 0; column < 100; column += 9) {
        const expected = stored.getFloat32(entry!.values.offset + 4 * (100 * k + column), true);
        expect(data[100 * row + column]).toBe(expected);
      }
    }
  });

  test('the fixed bias of the scale field is 1, and moving variances are positive', async () => {
    const all = await readAll(await openFixture(`${narrow}/narrow-0000.params`));
    expect(all.get('arg:Convolution5_scale_bias')!.data.every((value) => value === 1)).toBe(true);
    for (const [name, { data }] of all) {
      if (name.endsWith('_moving_var')) expect(Math.min(...data)).toBeGreaterThan(0);
    }
  });

  // The files were written by MXNet 0.9.5 itself, so equal bytes mean that it will read ours.
  test.each([`${narrow}/narrow-0000.params`, 'fixtures/params/det1-0001.params'])(
    'writing %s again in the legacy form gives the same bytes',
    async (path) => {
      const again = encodeParams(await readAll(await openFixture(path)), 'legacy');
      expect(Buffer.compare(again, load(path))).toBe(0);
    },
  );

  test('writing a V2 file again gives the same bytes', async () => {
    const path = 'fixtures/params/jonggon_cnn_Neural_Net-0100.params';
    const again = encodeParams(await readAll(await openFixture(path)), 'v2');
    expect(Buffer.compare(again, load(path))).toBe(0);
  });
});

const V1 = [4, 0xf993fac8] as const;
const V2 = [4, 0xf993fac9] as const;
const V3 = [4, 0xf993faca] as const;
const cpu = pack([4, 1], [4, 0]);
const dense = [4, 0] as const;

describe('array records', () => {
  test.each<[string, Uint8Array, number[], number[]]>([
    ['legacy', pack([4, 2], [4, 1], [4, 2], cpu, [4, 0], floats(3, 4)), [1, 2], [3, 4]],
    ['legacy, saved from the third GPU', pack([4, 1], [4, 1], [4, 2], [4, 2], [4, 0], floats(3)), [1], [3]],
    ['legacy, empty', pack([4, 0]), [0], []],
    ['V1', pack(V1, [4, 1], [8, 2], cpu, [4, 0], floats(3, 4)), [2], [3, 4]],
    ['V1, empty', pack(V1, [4, 0]), [0], []],
    ['V2', pack(V2, dense, [4, 1], [8, 2], cpu, [4, 0], floats(3, 4)), [2], [3, 4]],
    ['V2, empty', pack(V2, dense, [4, 0]), [0], []],
    ['V2, a size of 0', pack(V2, dense, [4, 2], [8, 0], [8, 5], cpu, [4, 0]), [0, 5], []],
    ['V3', pack(V3, dense, [4, 1], [8, 2], cpu, [4, 0], floats(3, 4)), [2], [3, 4]],
    ['V3, a scalar', pack(V3, dense, [4, 0], cpu, [4, 0], floats(3)), [], [3]],
    ['V3, no shape', pack(V3, dense, [4, -1]), [0], []],
    ['V3, an unknown size', pack(V3, dense, [4, 2], [8, 3], [8, -1]), [0], []],
  ])('%s', async (_, record, shape, numbers) => {
    const bytes = list([record, pack([4, 1], [4, 1], cpu, [4, 0], floats(9))]);
    const file = await open(bytes);
    expect(file.entries[0]!.shape).toEqual(shape);
    expect(await values(bytes)).toEqual(numbers);
    expect(await values(bytes, 1)).toEqual([9]);
  });

  test.each<[ElementType, number, Uint8Array, number[]]>([
    ['F32', 0, floats(0.5, -2), [0.5, -2]],
    ['F64', 1, new Uint8Array(Float64Array.of(0.1, -2).buffer), [0.1, -2]],
    ['F16', 2, pack([4, 0xc0003800]), [0.5, -2]],
    ['U8', 3, Uint8Array.of(1, 255), [1, 255]],
    ['I32', 4, pack([4, 1], [4, -1]), [1, -1]],
    ['I8', 5, Uint8Array.of(1, 255), [1, -1]],
    ['I64', 6, pack([8, 2n ** 40n], [8, -1]), [2 ** 40, -1]],
    ['BOOL', 7, Uint8Array.of(0, 1), [0, 1]],
    ['I16', 8, pack([4, 0xffff0001]), [1, -1]],
    ['U16', 9, pack([4, 0xffff0001]), [1, 65535]],
    ['U32', 10, pack([4, 1], [4, 0xffffffff]), [1, 4294967295]],
    ['U64', 11, pack([8, 1], [8, 2n ** 52n]), [1, 2 ** 52]],
    ['BF16', 12, pack([4, 0xc0003f00]), [0.5, -2]],
  ])('%s is type flag %i', async (type, flag, data, numbers) => {
    // The odd name before a second record would shift it, were there alignment.
    const bytes = list([pack(V2, dense, [4, 1], [8, 2], cpu, [4, flag], data)], ['x']);
    expect((await open(bytes)).entries[0]!.type).toBe(type);
    expect(await values(bytes)).toEqual(numbers);
  });

  /** A 3x2 array with the rows given. */
  const rowSparse = (rows: number[], ...numbers: number[]): Uint8Array =>
    list([
      pack(
        V2,
        [4, 1],
        [4, 2],
        [8, rows.length],
        [8, 2], // stored
        [4, 2],
        [8, 3],
        [8, 2], // whole
        cpu,
        [4, 0],
        [4, 6],
        [4, 1],
        [8, rows.length],
        floats(...numbers),
        ...rows.map((row) => [8, row] as const),
      ),
    ]);
  /** A 3x2 array with row starts and columns. */
  const csr = (starts: number[], columns: number[], ...numbers: number[]): Uint8Array =>
    list([
      pack(
        V2,
        [4, 2],
        [4, 1],
        [8, columns.length],
        [4, 2],
        [8, 3],
        [8, 2],
        cpu,
        [4, 0],
        [4, 6],
        [4, 1],
        [8, starts.length],
        [4, 4],
        [4, 1],
        [8, columns.length],
        floats(...numbers),
        ...starts.map((start) => [8, start] as const),
        ...columns.map((column) => [4, column] as const),
      ),
    ]);

  test('row_sparse and csr arrays are written out', async () => {
    expect(await values(rowSparse([0, 2], 1, 2, 3, 4))).toEqual([1, 2, 0, 0, 3, 4]);
    expect(await values(rowSparse([]))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await values(csr([0, 1, 1, 3], [1, 0, 1], 5, 6, 7))).toEqual([0, 5, 0, 0, 6, 7]);
    expect(await values(csr([], []))).toEqual([0, 0, 0, 0, 0, 0]);
    const file = await open(rowSparse([1], 8, 9));
    const pieces: number[] = [];
    for await (const piece of file.bytes(file.entries[0]!)) pieces.push(...piece);
    expect(pieces).toEqual([...floats(0, 0, 8, 9, 0, 0)]);
  });

  test.each([
    ['a row beyond the last', rowSparse([3], 1, 2), 'row number 3 of 3 rows'],
    [
      'rows out of order',
      rowSparse([1, 0], 1, 2, 3, 4),
      'row number 0 of 3 rows is out of range or out of order',
    ],
    ['a row twice', rowSparse([1, 1], 1, 2, 3, 4), 'row number 1 of 3 rows is out of range or out of order'],
    ['a negative row', rowSparse([-1], 1, 2), 'row number -1'],
    ['a column beyond the last', csr([0, 1, 1, 1], [2], 5), 'column number 2 of 2 columns'],
    ['rows that end before they begin', csr([0, 1, 0, 1], [0], 5), 'row 1 claims the stored elements 1 to 0'],
    [
      'more elements than are stored',
      csr([0, 2, 2, 2], [0], 5),
      'row 0 claims the stored elements 0 to 2 of 1',
    ],
  ])('%s is refused when read', async (_, bytes, message) => {
    await expect(values(bytes)).rejects.toThrow(message);
    await expect(values(bytes)).rejects.toThrow(FormatError);
  });

  /** A row_sparse array of bytes, `rows` times one, none of them stored. */
  const zeroRows = (rows: number | bigint): Uint8Array =>
    pack(V2, [4, 1], [4, 2], [8, 0], [8, 1], [4, 2], [8, rows], [8, 1], cpu, [4, 3], [4, 6], [4, 1], [8, 0]);
  const writtenOut = async (bytes: Uint8Array): Promise<number> => {
    const file = await open(bytes);
    let size = 0;
    for await (const piece of file.bytes(file.entries[0]!)) size += piece.length;
    return size;
  };

  test('a few bytes cannot ask for a terabyte', async () => {
    await expect(values(list([zeroRows(2n ** 40n)]))).rejects.toThrow('at most 67108864 are allowed');
  });

  test('sparse arrays may take 64 MiB together, or 256 times the file, and not a byte more', async () => {
    expect(await writtenOut(list([zeroRows(1 << 26)]))).toBe(1 << 26);
    await expect(writtenOut(list([zeroRows((1 << 26) - 7), zeroRows(8)]))).rejects.toThrow(
      'the sparse arrays of the file would take 67108865 bytes when written out, at most 67108864 are allowed',
    );
    const filler = pack([4, 1], [4, 300_000], cpu, [4, 3], new Uint8Array(300_000));
    const most = 256 * list([zeroRows(0), filler]).length;
    expect(await writtenOut(list([zeroRows(most), filler]))).toBe(most);
    await expect(writtenOut(list([zeroRows(most + 1), filler]))).rejects.toThrow(
      `at most ${most} are allowed`,
    );
  });

  test('arrays that are not sparse do not count towards that, however large they are', async () => {
    // A gigabyte of dense bytes between the fields of two arrays, which nobody reads.
    const gigabyte = 2 ** 30 + 1;
    const bytes = list([pack([4, 1], [4, gigabyte], cpu, [4, 3]), rowSparse([1], 8, 9).slice(24, -8)]);
    const front = 24 + 20;
    const source: ByteSource = {
      name: 'x.params',
      size: bytes.length + gigabyte,
      read: async (offset, length) =>
        Uint8Array.from({ length }, (_, k) => {
          const place = offset + k;
          if (place < front) return bytes[place]!;
          return place < front + gigabyte ? 0 : bytes[place - gigabyte]!;
        }),
    };
    const file = await openParams(source);
    expect([...(await file.read(file.entries[1]!)).data]).toEqual([0, 0, 8, 9, 0, 0]);
  });
});

test('of arrays with one name the last counts, as in MXNet, and it is said', async () => {
  const one = (value: number): Uint8Array => pack([4, 1], [4, 1], cpu, [4, 0], floats(value));
  const file = await open(list([one(1), one(2), one(3)], ['arg:a', 'b', 'arg:a']));
  expect(file.entries.map(({ name }) => name)).toEqual(['b', 'arg:a']);
  expect([...(await file.read(file.entries[1]!)).data]).toEqual([3]);
  expect(file.warnings).toEqual([
    'x.params: array "arg:a" appears again later; the last one counts, as in MXNet',
  ]);
});

test('names may begin with a byte order mark', async () => {
  const one = pack([4, 1], [4, 1], cpu, [4, 0], floats(1));
  expect((await open(list([one], ['\uFEFFa']))).entries[0]!.name).toBe('\uFEFFa');
});

test('a small file is read in one piece after its first two bytes', async () => {
  const one = pack([4, 1], [4, 1], cpu, [4, 0], floats(1));
  const names = Array.from({ length: 200 }, (_, k) => `array ${k}`);
  const bytes = bytesSource(
    list(
      names.map(() => one),
      names,
    ),
    'x.params',
  );
  const reads: number[] = [];
  const read = (offset: number, length: number): Promise<Uint8Array> => {
    reads.push(length);
    return bytes.read(offset, length);
  };
  expect((await openParams({ name: bytes.name, size: bytes.size, read })).entries.length).toBe(200);
  expect(reads).toEqual([2, bytes.size]);
});

describe('refused', () => {
  const ok = pack([4, 1], [4, 1], cpu, [4, 0], floats(1));
  test.each([
    ['an empty file', new Uint8Array(0), 'the file is cut off: list magic needs 8 bytes, 0 are left'],
    [
      'another magic number',
      pack([8, 0x113], [8, 0], [8, 0], [8, 0]),
      'it begins with 0x113, expected 0x112',
    ],
    [
      'a file that begins with a P like a zip',
      pack([8, 0x150], [8, 0]),
      'it begins with 0x150, expected 0x112',
    ],
    ['the zip form of MXNet 2.0', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0), 'a zip archive, as MXNet 2.0'],
    ['2^60 arrays', pack([8, 0x112], [8, 0], [8, 2n ** 60n], ok), '1152921504606847000 arrays cannot be'],
    ['2^64 - 1 arrays', pack([8, 0x112], [8, 0], [8, -1], ok), 'arrays cannot be'],
    ['a name too many', list([ok], ['a', 'b']), '2 names for 1 arrays'],
    [
      'a name of 2^60 bytes',
      pack([8, 0x112], [8, 0], [8, 1], ok, [8, 1], [8, 2n ** 60n]),
      'a name of 1152921504606847000 bytes',
    ],
    [
      'a name beyond the end',
      pack([8, 0x112], [8, 0], [8, 1], ok, [8, 1], [8, 9]),
      'name 0 of 1, byte 64: the file is cut off',
    ],
    [
      'a name that is not UTF-8',
      pack([8, 0x112], [8, 0], [8, 1], ok, [8, 1], [8, 1], Uint8Array.of(0xff)),
      'not valid UTF-8',
    ],
    ['trailing bytes', pack(list([ok]), Uint8Array.of(0)), '1 bytes follow the last name'],
    [
      '33 dimensions',
      list([pack([4, 33])]),
      'array 0 of 1, byte 28: neither a known array form nor a number of dimensions (0x21, at most 32)',
    ],
    [
      'an unknown type flag',
      list([pack([4, 1], [4, 1], cpu, [4, 13], floats(1))]),
      'unknown element type flag 13, expected 0 to 12',
    ],
    [
      'a negative type flag',
      list([pack([4, 1], [4, 1], cpu, [4, -1], floats(1))]),
      'unknown element type flag -1',
    ],
    ['an unknown storage type', list([pack(V2, [4, 3])]), 'unknown storage type'],
    ['an undefined storage type', list([pack(V2, [4, -1])]), 'unknown storage type'],
    ['a sparse V3 array', list([pack(V3, [4, 1])]), 'unknown storage type'],
    ['a negative size', list([pack(V1, [4, 1], [8, -2], cpu, [4, 0])]), 'the array has a size of -2'],
    ['an unknown size in V1', list([pack(V1, [4, 1], [8, -1], cpu, [4, 0])]), 'the array has a size of -1'],
    [
      'a sparse array whose stored part has no shape',
      list([pack(V2, [4, 1], [4, -1], [4, 1], [8, 1], cpu, [4, 0], [4, 6], [4, 1], [8, 1])]),
      'the array has -1 dimensions',
    ],
    [
      'a sparse array whose indices have no shape',
      list([pack(V2, [4, 1], [4, 1], [8, 1], [4, 1], [8, 1], cpu, [4, 0], [4, 6], [4, -1])]),
      'the array has -1 dimensions',
    ],
    [
      'row numbers of two axes',
      list([
        pack(
          V2,
          [4, 1],
          [4, 1],
          [8, 1],
          [4, 1],
          [8, 1],
          cpu,
          [4, 0],
          [4, 6],
          [4, 2],
          [8, 1],
          [8, 1],
          floats(1, 0, 0),
        ),
      ]),
      'array do not fit: shape 1, values 1, indices I64 1x1',
    ],
    [
      'no row numbers, of two axes',
      list([pack(V2, [4, 1], [4, 1], [8, 0], [4, 1], [8, 1], cpu, [4, 0], [4, 6], [4, 2], [8, 0], [8, 1])]),
      'array do not fit: shape 1, values 0, indices I64 0x1',
    ],
    ['a negative number of dimensions', list([pack(V2, dense, [4, -1])]), 'the array has -1 dimensions'],
    [
      'a size of 2^60',
      list([pack(V2, dense, [4, 1], [8, 2n ** 60n], cpu, [4, 0])]),
      'the array has a size of 1152921504606847000',
    ],
    [
      'data beyond the end',
      list([pack([4, 2], [4, 65536], [4, 65536], cpu, [4, 0], floats(1))]),
      'F32 data of 65536x65536 needs 17179869184 bytes',
    ],
    [
      'sizes whose product is enormous',
      list([pack([4, 4], [4, -1], [4, -1], [4, -1], [4, -1], cpu, [4, 0])]),
      'the file is cut off',
    ],
    [
      'sparse parts that do not fit',
      list([pack(V2, [4, 1], [4, 1], [8, 1], [4, 2], [8, 1], [8, 1], cpu, [4, 0], [4, 6], [4, 1], [8, 1])]),
      'the parts of a row_sparse array do not fit: shape 1x1, values 1, indices I64 1',
    ],
  ])('%s', async (_, bytes, message) => {
    await expect(open(bytes)).rejects.toThrow(message);
    await expect(open(bytes)).rejects.toThrow(FormatError);
  });

  test('limits are reached before they are passed', async () => {
    const head = [
      [8, 0x112],
      [8, 0],
    ] as const;
    const named = (length: number): Uint8Array => list([ok], ['n'.repeat(length)]);
    expect((await open(named(65_535))).entries[0]!.name.length).toBe(65_535);
    await expect(open(named(65_536))).rejects.toThrow('a name of 65536 bytes, at most 65535 are allowed');

    const ranks = Array.from({ length: 32 }, () => [4, 1] as const);
    const sizes = ranks.map(() => [8, 1] as const);
    expect(await values(list([pack([4, 32], ...ranks, cpu, [4, 0], floats(7))]))).toEqual([7]);
    expect(await values(list([pack(V2, dense, [4, 32], ...sizes, cpu, [4, 0], floats(7))]))).toEqual([7]);
    await expect(open(list([pack(V2, dense, [4, 33])]))).rejects.toThrow('the array has 33 dimensions');

    const none = new Uint8Array(4 * 100_000);
    expect((await open(pack(...head, [8, 100_000], none, [8, 0]))).entries.length).toBe(100_000);
    await expect(open(pack(...head, [8, 100_001], none, [8, 0]))).rejects.toThrow('or are more than 100000');

    const cut = (bytes: number): Uint8Array => pack(...head, [8, 2], new Uint8Array(bytes));
    await expect(open(cut(7))).rejects.toThrow('2 arrays cannot be in the 7 bytes that are left');
    await expect(open(cut(8))).rejects.toThrow('number of names needs 8 bytes, 0 are left');
  });

  type Index = readonly [type: number, length: number];
  const [float32, int64] = [0, 6];
  test.each<[string, number, number[], number[], Index[]]>([
    [
      'csr with fractions as row starts',
      2,
      [1],
      [3, 2],
      [
        [float32, 4],
        [int64, 1],
      ],
    ],
    [
      'csr of three axes',
      2,
      [1],
      [3, 2, 1],
      [
        [int64, 4],
        [int64, 1],
      ],
    ],
    [
      'csr with a table of values',
      2,
      [1, 1],
      [3, 2],
      [
        [int64, 4],
        [int64, 1],
      ],
    ],
    [
      'csr with a column too many',
      2,
      [1],
      [3, 2],
      [
        [int64, 4],
        [int64, 2],
      ],
    ],
    [
      'csr with a row start too few',
      2,
      [1],
      [3, 2],
      [
        [int64, 3],
        [int64, 1],
      ],
    ],
    [
      'csr with values and no row starts',
      2,
      [1],
      [3, 2],
      [
        [int64, 0],
        [int64, 1],
      ],
    ],
    ['row_sparse with rows of another width', 1, [1, 2, 9], [3, 2, 4], [[int64, 1]]],
    ['row_sparse with a row number too few', 1, [2, 2], [3, 2], [[int64, 1]]],
  ])('%s', async (_, kind, stored, shape, indices) => {
    const sizes = (list: readonly number[]): (readonly [4 | 8, number])[] => [
      [4, list.length],
      ...list.map((size) => [8, size] as const),
    ];
    const parts = indices.flatMap(([type, length]) => [[4, type] as const, ...sizes([length])]);
    const record = pack(V2, [4, kind], ...sizes(stored), ...sizes(shape), cpu, [4, 0], ...parts);
    await expect(open(list([record]))).rejects.toThrow('array do not fit: shape');
  });

  test('what a form cannot express is not written', async () => {
    expect(() => encodeParams([['s', tensor([], [1])]], 'v2')).toThrow(
      'array "s" cannot be written in the v2 form',
    );
    const long = { name: 'n', type: 'I64' as const, shape: [1], bytes: () => [new Uint8Array(8)] };
    await expect(writeParams(memorySink(), [long], 'legacy')).rejects.toThrow('it has no element type I64');
    const sink = memorySink();
    await writeParams(sink, [long], 'v2');
    expect((await open(sink.bytes())).entries[0]!.name).toBe('n');
    const small = { name: 'n', type: 'I8' as const, shape: [1], bytes: () => [new Uint8Array(1)] };
    await expect(writeParams(memorySink(), [small], 'legacy')).rejects.toThrow('it has no element type I8');
    await writeParams(memorySink(), [{ ...small, type: 'I32', bytes: () => [new Uint8Array(4)] }], 'legacy');
    const wide = (size: number) => [{ ...long, type: 'F32' as const, shape: [size, 0], bytes: () => [] }];
    await expect(writeParams(memorySink(), wide(2 ** 32), 'legacy')).rejects.toThrow('sizes have 32 bits');
    await writeParams(memorySink(), wide(2 ** 32 - 1), 'legacy');
    await writeParams(memorySink(), wide(2 ** 32), 'v2');
  });
});

const anyArrays = fc.array(
  fc.tuple(
    fc.string({ unit: 'binary' }).filter((name) => !/\p{Surrogate}/u.test(name)),
    fc
      .tuple(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }), fc.boolean())
      .chain(([shape, wide]) => {
        const length = shape.reduce((a, b) => a * b, 1);
        const size = { minLength: length, maxLength: length };
        return (wide ? fc.float64Array(size) : fc.float32Array(size)).map((data) => tensor(shape, data));
      }),
  ),
  { maxLength: 5 },
);

test('what is written is what is read, in both forms', async () => {
  await fc.assert(
    fc.asyncProperty(anyArrays, fc.constantFrom('legacy', 'v2'), async (arrays, form) => {
      const expected = new Map(arrays);
      const file = await open(encodeParams(arrays, form));
      const read = await readAll(file);
      expect(new Set(read.keys())).toEqual(new Set(expected.keys()));
      for (const [name, value] of expected) expect(read.get(name)).toEqual(value);
      expect(file.warnings.length).toBe(arrays.length - expected.size);
    }),
  );
});
