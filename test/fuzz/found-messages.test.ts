/** Found by fuzzing: messages that carried what a file says into the terminal as it was. */
import { expect, test } from 'vitest';
import { columns } from '../../src/cli/table.ts';
import { DffError, FormatError, readSafetensors } from '../../src/tensor/index.ts';
import { parseSymbol } from '../../weights-converter/index.ts';
import { fromMxnet } from '../../weights-converter/mxnet-operators.ts';

const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(DffError);
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

const safetensors = (header: string): Uint8Array => {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
};

test('DEL and line separators in a safetensors header are escaped in the message about them', () => {
  expect(messageOf(() => readSafetensors(safetensors('{\u007f}')))).toContain('got "\\u007f"');
  expect(messageOf(() => readSafetensors(safetensors('{"a\u2028":1}')))).not.toContain('\u2028');
});

test('control characters in a symbol file that is no JSON are escaped', () => {
  const message = messageOf(() => parseSymbol('{"nodes":\u0018[]}'));
  expect(message).toContain('\\u0018');
  expect(message).not.toMatch(/\p{Cc}/u);
});

test('an operator whose name is 70,000 letters long, or empty, gets a message of one readable line', () => {
  expect(messageOf(() => fromMxnet('a'.repeat(70_000), {})).length).toBeLessThan(300);
  expect(messageOf(() => fromMxnet('', {}))).toBe('operator "": this MXNet operator has no counterpart here');
});

test('a name of 3000 line breaks does not grow by being escaped', () => {
  expect(
    messageOf(() => fromMxnet('Pooling', { ['\n'.repeat(3000)]: 1, kernel: [1, 1] })).length,
  ).toBeLessThan(1300);
});

test('a table of more rows than a call has room for arguments is printed', () => {
  expect(columns(Array.from({ length: 200_000 }, () => ['a', 'b'])).length).toBe(200_000);
});

test('long messages lose their middle, not their ends', () => {
  const { message } = new FormatError(`x.params: ${'y'.repeat(5000)}; the hint`);
  expect(message.length).toBeLessThan(1300);
  expect(message).toMatch(/^x\.params: y+ … y+; the hint$/);
});
