import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blobSource, bytesSource, FormatError, memorySink, readChunks } from '../../src/tensor/index.ts';

const ramp = (length: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length }, (_, i) => i % 251);

describe.each([
  ['bytes', (bytes: Uint8Array<ArrayBuffer>) => bytesSource(bytes, 'x')],
  ['a blob', (bytes: Uint8Array<ArrayBuffer>) => blobSource(new Blob([bytes]), 'x')],
])('%s as a source', (_, make) => {
  test('give any range inside, and none that reaches past the end', async () => {
    const bytes = ramp(100);
    const source = make(bytes);
    expect(source.size).toBe(100);
    await fc.assert(
      fc.asyncProperty(fc.nat(110), fc.nat(110), async (offset, length) => {
        if (offset + length <= 100) {
          expect(await source.read(offset, length)).toEqual(bytes.subarray(offset, offset + length));
        } else {
          await expect(source.read(offset, length)).rejects.toThrow(FormatError);
        }
      }),
    );
  });
});

test('a range is passed on in pieces of at most a megabyte, in order', async () => {
  const bytes = ramp(2_500_000);
  const pieces: Uint8Array[] = [];
  for await (const piece of readChunks(bytesSource(bytes, 'x'), 7, 2_400_000)) pieces.push(piece);
  expect(pieces.map(({ length }) => length)).toEqual([1_048_576, 1_048_576, 302_848]);
  expect(Buffer.compare(Buffer.concat(pieces), bytes.subarray(7, 2_400_007))).toBe(0);
});

test('a memory sink keeps what it was given, whatever becomes of the buffer', async () => {
  const sink = memorySink();
  const buffer = Uint8Array.of(1, 2);
  await sink.write(buffer);
  buffer.fill(9);
  await sink.write(buffer);
  expect([...sink.bytes()]).toEqual([1, 2, 9, 9]);
});
