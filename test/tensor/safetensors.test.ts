import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesSource,
  compare,
  encodeSafetensors,
  FormatError,
  memorySink,
  openSafetensors,
  ParameterError,
  readSafetensors,
  type Tensor,
  tensor,
  tensorContent,
  writeSafetensors,
} from '../../src/tensor/index.ts';
import { hasShared, shared } from '../shared.ts';

/** A file with any header text and any data. */
function file(header: string | Uint8Array, data: ArrayLike<number> = [], length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const entry = (dtype: string, shape: string, range: string): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${range}}`;
const four = [0, 0, 128, 63]; // 1 as float32

describe.skipIf(!hasShared)('files written by the reference implementation', () => {
  const fixture = (name: string): Uint8Array =>
    readFileSync(shared(`fixtures/safetensors/hf_${name}.safetensors`));
  const signed = [-3, -2, -1, 0, 1, 2];
  const unsigned = (bits: number): number[] => [2 ** bits - 3, 2 ** bits - 2, 2 ** bits - 1, 0, 1, 2];
  const expected: Record<string, [string, number[]]> = {
    B: ['float32', unsigned(8)],
    H: ['float32', unsigned(16)],
    I: ['float64', unsigned(32)],
    b: ['float32', signed],
    d: ['float64', signed],
    e: ['float32', signed],
    f: ['float32', signed],
    h: ['float32', signed],
    i: ['float64', signed],
  };

  test.each(Object.entries(expected))(
    'the sample of type %s holds its six numbers',
    async (name, [dtype, numbers]) => {
      for (const sample of [name, 'overall']) {
        const opened = await openSafetensors(bytesSource(fixture(sample), sample));
        const read = await opened.read(name);
        expect([read.dtype, read.shape, [...read.data]]).toEqual([dtype, [6], numbers]);
        expect(opened.metadata.get('test')).toBe('a');
        expect(readSafetensors(fixture(sample)).get(name)).toEqual(read);
      }
    },
  );

  const goldens = (folder: string): string[] =>
    readdirSync(shared(folder))
      .filter((name) => name.endsWith('.safetensors'))
      .map((name) => `${folder}/${name}`);

  test('every golden file is written again byte for byte', async () => {
    let identical = 0;
    for (const path of [...goldens('goldens/operators'), ...goldens('goldens/networks/narrow')]) {
      const bytes = readFileSync(shared(path));
      const opened = await openSafetensors(bytesSource(bytes, path));
      const contents = Array.from(opened.tensors, ([name, { type, shape }]) => ({
        name,
        type,
        shape,
        bytes: () => opened.bytes(name),
      }));
      const sink = memorySink();
      // Shuffled: the order in the file is the writer's to decide.
      await writeSafetensors(sink, contents.toReversed(), Object.fromEntries(opened.metadata));
      if (Buffer.compare(sink.bytes(), bytes) !== 0) expect.fail(`${path} differs`);
      identical++;
    }
    expect(identical).toBeGreaterThan(40);
  });
});

describe('safetensors as written', () => {
  test('no tensors are 16 bytes', () => {
    expect(encodeSafetensors(new Map())).toEqual(file('{}      '));
  });

  test('wide elements come first, then names by their bytes, metadata before all', () => {
    const bytes = encodeSafetensors(
      new Map([
        ['\u{1f600}', tensor([1], [1])],
        ['\uff00', tensor([1], [1])],
        ['a', tensor([1], [1])],
        ['z', tensor([], [1], 'float64')],
      ]),
      { format: 'pt' },
    );
    const text = new TextDecoder().decode(bytes.subarray(8, bytes.length - 20));
    expect(text.trimEnd()).toBe(
      `{"__metadata__":{"format":"pt"},"z":${entry('F64', '[]', '[0,8]')},"a":${entry('F32', '[1]', '[8,12]')},` +
        `"\uff00":${entry('F32', '[1]', '[12,16]')},"\u{1f600}":${entry('F32', '[1]', '[16,20]')}}`,
    );
    expect((bytes.length - 20) % 8).toBe(0);
  });

  test('a name cannot be reserved, nor a tensor give more bytes than it said', async () => {
    const one = tensor([1], [1]);
    expect(() => encodeSafetensors(new Map([['__metadata__', one]]))).toThrow('the name is reserved');
    const twice = [tensorContent('a', one), tensorContent('a', one)];
    await expect(writeSafetensors(memorySink(), twice)).rejects.toThrow('the name is used twice');
    const wrong = { ...tensorContent('a', one), shape: [2] };
    await expect(writeSafetensors(memorySink(), [wrong])).rejects.toThrow(
      'tensor "a" gave 4 bytes, F32 of 2 needs 8',
    );
  });

  test('metadata may be what a reader gave, and is text', async () => {
    const tensors = new Map([['one', tensor([1], [1])]]);
    const bytes = encodeSafetensors(tensors, { format: 'pt' });
    const { metadata } = await openSafetensors(bytesSource(bytes, 'x'));
    expect(encodeSafetensors(tensors, metadata)).toEqual(bytes);
    const wrong = { settings: { depth: 50 } } as unknown as Record<string, string>;
    expect(() => encodeSafetensors(tensors, wrong)).toThrow(
      'safetensors: metadata "settings" is object, expected text; JSON.stringify it',
    );
  });
});

const anyTensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }), fc.boolean())
  .chain(([shape, wide]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const size = { minLength: length, maxLength: length };
    return (wide ? fc.float64Array(size) : fc.float32Array(size)).map((data) => tensor(shape, data));
  });
const anyTensors = fc
  .array(
    fc.tuple(
      fc.string({ unit: 'binary' }).filter((name) => name !== '__metadata__' && !/\p{Surrogate}/u.test(name)),
      anyTensor,
    ),
    {
      maxLength: 6,
    },
  )
  .map((list) => new Map(list));

test('what is written is what is read, for any names, shapes and numbers', async () => {
  await fc.assert(
    fc.asyncProperty(anyTensors, fc.dictionary(fc.string(), fc.string()), async (tensors, metadata) => {
      const bytes = encodeSafetensors(tensors, metadata);
      const sink = memorySink();
      await writeSafetensors(
        sink,
        [...tensors].map(([name, value]) => tensorContent(name, value)),
        metadata,
      );
      expect(sink.bytes()).toEqual(bytes);
      const opened = await openSafetensors(bytesSource(bytes, 'x'));
      expect(Object.fromEntries(opened.metadata)).toEqual({ ...metadata });
      expect(opened.tensors.size).toBe(tensors.size);
      const read = readSafetensors(bytes);
      for (const [name, value] of tensors) {
        expect(read.get(name)!.dtype).toBe(value.dtype);
        expect(compare(read.get(name)!, value).absolute).toBe(0);
        expect(compare(await opened.read(name), value).absolute).toBe(0);
      }
    }),
  );
});

describe('safetensors that are refused', () => {
  const float = entry('F32', '[1]', '[0,4]');
  const cases: [string, Uint8Array, string][] = [
    ['an empty file', new Uint8Array(0), 'has 0 bytes, expected at least 8'],
    ['7 bytes', new Uint8Array(7), 'has 7 bytes'],
    ['a header of 100,000,001 bytes', file('{}', [], 100_000_001n), 'would have 100000001 bytes'],
    ['a header of 2^63 bytes', file('{}', [], 2n ** 63n), 'at most 100000000'],
    ['an empty header', file(''), 'expected "{", got the end'],
    ['a header beyond the end', file('{}', [], 3n), 'should have 3 bytes but the file ends after 2'],
    ['one byte too many', file(`{"a":${float}}`, [...four, 0]), 'the tensors end at byte'],
    ['one byte too few', file(`{"a":${float}}`, four.slice(1)), 'it is cut off'],
    [
      'overlapping tensors',
      file(`{"a":${entry('F32', '[2]', '[0,8]')},"b":${entry('F32', '[1]', '[4,8]')}}`, [...four, ...four]),
      'tensor "b" begins at byte 4 of the data, expected 8; there is a gap or an overlap',
    ],
    [
      'a gap',
      file(`{"a":${float},"b":${entry('F32', '[1]', '[8,12]')}}`, [...four, ...four, ...four]),
      'tensor "b" begins at byte 8 of the data, expected 4',
    ],
    [
      'a first tensor not at 0',
      file(`{"a":${entry('F32', '[1]', '[4,8]')}}`, [...four, ...four]),
      'expected 0',
    ],
    ['a reversed range', file(`{"a":${entry('F32', '[1]', '[4,0]')}}`, four), 'ends before, at 0'],
    [
      'a range that does not fit the shape',
      file(`{"a":${entry('F32', '[2]', '[0,4]')}}`, four),
      'tensor "a" has 4 bytes, a F32 of 2 needs 8 bytes',
    ],
    ['an unknown type', file(`{"a":${entry('F33', '[1]', '[0,4]')}}`, four), 'unknown dtype "F33"'],
    ['a type in small letters', file(`{"a":${entry('f32', '[1]', '[0,4]')}}`, four), 'unknown dtype "f32"'],
    ['a type from the prototype', file(`{"a":${entry('toString', '[1]', '[0,4]')}}`, four), 'unknown dtype'],
    [
      'a negative size',
      file(`{"a":${entry('F32', '[-1]', '[0,4]')}}`, four),
      'expected a whole number of at least 0, got "-"',
    ],
    ['a fractional size', file(`{"a":${entry('F32', '[1.0]', '[0,4]')}}`, four), 'expected a whole number'],
    ['an exponent', file(`{"a":${entry('F32', '[1e0]', '[0,4]')}}`, four), 'expected a whole number'],
    ['a leading zero', file(`{"a":${entry('F32', '[01]', '[0,4]')}}`, four), 'expected a whole number'],
    [
      'a size beyond 2^53',
      file(`{"a":${entry('F32', '[100000000000000000000]', '[0,4]')}}`, four),
      'is too large',
    ],
    [
      'sizes whose product is enormous',
      file(`{"a":${entry('F32', '[9007199254740991,9007199254740991,0]', '[0,0]')}}`),
      'needs another number of bytes',
    ],
    [
      'three offsets',
      file(`{"a":${entry('F32', '[1]', '[0,4,4]')}}`, four),
      'has 3 data_offsets, expected 2',
    ],
    ['a missing field', file('{"a":{"dtype":"F32","shape":[1]}}', four), 'tensor "a" has no data_offsets'],
    ['an unknown field', file('{"a":{"dtype":"F32","shape":[1],"x":1}}', four), 'has an unknown field "x"'],
    [
      'a field twice',
      file(`{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, four),
      '"dtype" appears twice',
    ],
    ['a tensor twice, identically', file(`{"a":${float},"a":${float}}`, four), '"a" appears twice'],
    ['a tensor twice, once escaped', file(`{"a":${float},"\\u0061":${float}}`, four), '"a" appears twice'],
    ['metadata twice', file('{"__metadata__":{},"__metadata__":{}}'), '"__metadata__" appears twice'],
    ['a number in the metadata', file('{"__metadata__":{"a":1}}'), 'expected "\\"", got "1"'],
    ['a trailing comma', file('{"__metadata__":{},}'), 'expected "\\"", got "}"'],
    ['NUL after the object', file('{}\0'), 'expected nothing more'],
    ['a byte-order mark', file('\ufeff{}'), 'expected "{"'],
    ['invalid UTF-8', file(Uint8Array.of(0x7b, 0xff, 0x7d)), 'not valid UTF-8'],
    ['a list', file('[]'), 'expected "{", got "["'],
    ['half a surrogate pair', file(`{"\\ud800":${float}}`, four), 'half a surrogate pair'],
    ['a control character in a name', file(`{"\n":${float}}`, four), 'malformed text'],
    ['text without an end', file('{"a\\'), 'malformed text'],
    [
      '6-bit elements that do not fill a byte',
      file(`{"a":${entry('F6_E2M3', '[3]', '[0,2]')}}`, [0, 0]),
      'another number of bytes',
    ],
  ];

  test.each(cases)('%s', async (_, bytes, message) => {
    expect(() => readSafetensors(bytes, 'x')).toThrow(message);
    expect(() => readSafetensors(bytes, 'x')).toThrow(FormatError);
    await expect(openSafetensors(bytesSource(bytes, 'x'))).rejects.toThrow(message);
  });

  test('a tensor of a type without an exact form is refused when it is read, not before', async () => {
    const opened = await openSafetensors(
      bytesSource(file(`{"a":${entry('F8_E4M3', '[1]', '[0,1]')}}`, [0]), 'x'),
    );
    await expect(opened.read('a')).rejects.toThrow('x: tensor "a": unsupported element type F8_E4M3');
    await expect(opened.read('b')).rejects.toThrow(ParameterError);
  });

  test('whole numbers beyond 2^53 are refused rather than rounded', () => {
    const bytes = file(`{"a":${entry('U64', '[2]', '[0,16]')}}`, [
      ...new Uint8Array(8),
      ...new Uint8Array(8).fill(255),
    ]);
    expect(() => readSafetensors(bytes)).toThrow('element 1 is a whole number beyond 2^53');
  });
});

test.each([
  ['blanks around the object', file(` \t{"a":${entry('F32', '[1]', '[0,4]')}}\r\n`, four), [1]],
  [
    'any length of header and fields in any order',
    file('{"a":{"data_offsets":[0,4],"shape":[1],"dtype":"F32"}}', four),
    [1],
  ],
  [
    'empty tensors that share a place',
    file(
      `{"b":${entry('F32', '[0]', '[0,0]')},"a":${entry('F32', '[]', '[0,4]')},"c":${entry('U8', '[3,0]', '[4,4]')}}`,
      four,
    ),
    [1],
  ],
  [
    'a name from the prototype',
    file(`{"__proto__":${entry('BF16', '[1]', '[0,2]')},"a":${entry('F16', '[1]', '[2,4]')}}`, [0, 0, 1, 0]),
    [2 ** -24],
  ],
  [
    'metadata that is null',
    file(
      `{"__metadata__":null,"a":${entry('I64', '[1]', '[0,8]')}}`,
      [254, 255, 255, 255, 255, 255, 255, 255],
    ),
    [-2],
  ],
  ['truth values', file(`{"a":${entry('BOOL', '[3]', '[0,3]')}}`, [0, 1, 1]), [0, 1, 1]],
  [
    'special halves',
    file(`{"a":${entry('F16', '[4]', '[0,8]')}}`, [0, 0x7c, 0, 0xfc, 1, 0x7c, 0xff, 0x7b]),
    [Infinity, -Infinity, NaN, 65504],
  ],
  [
    'special bfloat16',
    file(`{"a":${entry('BF16', '[3]', '[0,6]')}}`, [0x80, 0x7f, 0xc0, 0x7f, 0x20, 0xc0]),
    [Infinity, NaN, -2.5],
  ],
])('accepts %s', (_, bytes, numbers) => {
  expect([...readSafetensors(bytes).get('a')!.data]).toEqual(numbers);
});

test('an empty tensor is read back whichever of its sizes is 0, the last of large ones too', () => {
  const empty = tensor([4, 3, 0], new Float64Array(0));
  expect(readSafetensors(encodeSafetensors(new Map([['x', empty]]))).get('x')).toEqual(empty);
});
