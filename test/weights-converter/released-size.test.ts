/** Conversion of files as large as the released models, of headers and zeros. */
import { expect, test } from 'vitest';
import { officialConfiguration } from '../../src/nets/index.ts';
import { nodeSha256 } from '../../src/node/hash.ts';
import type { ByteSink, ByteSource } from '../../src/tensor/index.ts';
import { convertCheckpoint, officialParameters, writeParams } from '../../weights-converter/index.ts';

/** A sink and a source that make a large file of headers and zeros without holding the zeros. */
function zeroFile(): { sink: ByteSink; source: ByteSource; largest: () => number } {
  const parts: { offset: number; bytes: Uint8Array }[] = [];
  let [size, largest] = [0, 0];
  const zero = new Uint8Array(1 << 20);
  return {
    largest: () => largest,
    sink: {
      async write(bytes) {
        if (bytes.buffer !== zeroPiece.buffer) parts.push({ offset: size, bytes: bytes.slice() });
        size += bytes.length;
      },
    },
    source: {
      name: 'zeros.params',
      get size() {
        return size;
      },
      async read(offset, length) {
        largest = Math.max(largest, length);
        const result = zero.slice(0, length);
        for (const part of parts) {
          const from = Math.max(part.offset, offset);
          const to = Math.min(part.offset + part.bytes.length, offset + length);
          if (from < to) result.set(part.bytes.subarray(from - part.offset, to - part.offset), from - offset);
        }
        return result;
      },
    },
  };
}

const zeroPiece = new Uint8Array(1 << 20);
function* zeroPieces(length: number): Generator<Uint8Array, void, undefined> {
  for (let done = 0; done < length; done += zeroPiece.length)
    yield zeroPiece.subarray(0, Math.min(zeroPiece.length, length - done));
}

test.each([
  ['dff', true, 406_297_747, 101_365_135],
  ['dff', false, 405_493_247, 101_365_135],
  ['frame', true, 250_790_385, 62_488_941],
  ['frame', false, 249_985_885, 62_488_941],
] as const)(
  'the released %s model (test form: %s) has %i bytes and is converted a megabyte at a time',
  async (family, withTest, size, elements) => {
    const auxiliary = /_moving_(?:mean|var)$/;
    const parameters = officialParameters({ family, configuration: officialConfiguration });
    const all = parameters.map(({ name, shape }) => ({
      name: `${auxiliary.test(name) ? 'aux' : 'arg'}:${name}`,
      shape,
    }));
    const boxes = withTest ? all.filter(({ name }) => name.includes('rfcn_bbox')) : [];
    const entries = [...all, ...boxes.map(({ name, shape }) => ({ name: `${name}_test`, shape }))];
    const file = zeroFile();
    const contents = entries.map(({ name, shape }) => {
      const bytes = 4 * shape.reduce((a, b) => a * b, 1);
      return { name, type: 'F32' as const, shape, bytes: () => zeroPieces(bytes) };
    });
    await writeParams(file.sink, contents, 'legacy');
    expect(file.source.size).toBe(size);

    let [written, largest] = [0, 0];
    const counting: ByteSink = {
      async write(bytes) {
        written += bytes.length;
        largest = Math.max(largest, bytes.length);
      },
    };
    const report = await convertCheckpoint(file.source, counting, { hasher: nodeSha256() });
    expect(report.elements).toBe(elements + (withTest ? 201_096 : 0));
    expect(report.configuration).toEqual(officialConfiguration);
    expect(written).toBeGreaterThan(4 * report.elements);
    expect(Math.max(largest, file.largest())).toBeLessThanOrEqual(1 << 20);
  },
);
