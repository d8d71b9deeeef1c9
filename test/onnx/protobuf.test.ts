import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bytesField,
  chunksOf,
  floatField,
  integerField,
  joined,
  type Message,
  message,
  messageField,
  textField,
} from '../../src/onnx/protobuf.ts';
import { fieldsOf } from './read-onnx.ts';

const bytesOf = (written: Message): Uint8Array => joined(chunksOf(written), written.byteLength);

const fieldNumber = fc.integer({ min: 1, max: 2 ** 29 - 1 });

test('what is written is read back by a reader of its own, in order', () => {
  const field = fc.oneof(
    fc.record({ number: fieldNumber, integer: fc.maxSafeInteger() }),
    fc.record({ number: fieldNumber, float: fc.float({ noNaN: true }) }),
    fc.record({ number: fieldNumber, text: fc.string({ unit: 'grapheme' }) }),
    fc.record({ number: fieldNumber, bytes: fc.uint8Array({ maxLength: 300 }) }),
  );
  fc.assert(
    fc.property(fc.array(field), (fields) => {
      const written = message(
        fields.map((each) => {
          if ('integer' in each) return integerField(each.number, each.integer);
          if ('float' in each) return floatField(each.number, each.float);
          if ('text' in each) return textField(each.number, each.text);
          return bytesField(each.number, each.bytes);
        }),
      );
      const read = fieldsOf(bytesOf(written));
      const expected = fields.map((each) => {
        if ('integer' in each) return each.integer;
        if ('float' in each) return each.float;
        return 'text' in each ? new TextEncoder().encode(each.text) : each.bytes;
      });
      expect(read.map(({ number }) => number)).toEqual(fields.map(({ number }) => number));
      expect(read.map(({ value }) => (typeof value === 'number' ? value : [...value]))).toEqual(
        expected.map((value) => (typeof value === 'number' ? value : [...value])),
      );
    }),
  );
});

test.each([
  // The examples of the format's own description.
  ['150 in field 1', integerField(1, 150), [0x08, 0x96, 0x01]],
  ['a text in field 2', textField(2, 'testing'), [0x12, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]],
  ['a message in field 3', messageField(3, integerField(1, 150)), [0x1a, 3, 0x08, 0x96, 0x01]],
  ['a negative number', integerField(1, -2), [0x08, 0xfe, ...Array<number>(8).fill(0xff), 0x01]],
])('writes %s as described', (_, written, bytes) => {
  expect([...bytesOf(written)]).toEqual(bytes);
});

test('large arrays are handed on as they are, when they are reached, and small pieces joined', () => {
  const large = new Uint8Array(1 << 17).fill(7);
  let made = 0;
  const deferred = {
    byteLength: large.length,
    make: () => {
      made++;
      return large;
    },
  };
  const small = Array.from({ length: 100 }, (_, k) => integerField(1, k));
  const written = message(small, bytesField(2, deferred), small, messageField(3, bytesField(4, large)));
  expect(made).toBe(0);
  const chunks = [...chunksOf(written)];
  expect(made).toBe(1);
  expect(chunks.length).toBe(4);
  expect([chunks[1], chunks[3]].every((chunk) => chunk === large)).toBe(true);
  expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBe(written.byteLength);
  expect(fieldsOf(joined(chunks, written.byteLength)).length).toBe(202);
});
