/**
 * Expressions: pieces of WebAssembly code that leave one value on the stack, with its type, so that the compiler of this
 * file's readers, TypeScript, refuses what a WebAssembly engine would refuse.
 *
 * An expression is data: a type and the bytes of its instructions. `i32.add(a, b)` is the bytes of a, those of b, and the
 * opcode. Plain numbers stand for constants of the type that is wanted.
 */

/** The bytes of instructions. */
export type Code = readonly number[];

export type NumberType = 'i32' | 'f32' | 'f64' | 'v128';

export interface Expression<T extends NumberType = NumberType> {
  readonly type: T;
  readonly code: Code;
}

/** Code that leaves nothing on the stack. */
export interface Statement {
  readonly type: 'nothing';
  readonly code: Code;
}

export type I32 = Expression<'i32'> | number;
export type F32 = Expression<'f32'> | number;
export type F64 = Expression<'f64'> | number;
export type V128 = Expression<'v128'>;
/** What may stand where a value of a type is wanted. */
export type Operand<T extends NumberType> = Expression<T> | (T extends 'v128' ? never : number);

export const typeCodes: Readonly<Record<NumberType, number>> = {
  i32: 0x7f,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

/** Unsigned LEB128: seven bits a byte, lowest first, the top bit set on all but the last. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return bytes;
}

/** Signed LEB128 of a 32-bit integer. Addresses above 2³¹ wrap to negative numbers, which are the same 32 bits. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && low < 64) || (rest === -1 && low >= 64)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

/** Little-endian bytes of a float. */
export function floatBytes(value: number, bits: 32 | 64): number[] {
  const floats = bits === 32 ? new Float32Array([value]) : new Float64Array([value]);
  return [...new Uint8Array(floats.buffer)];
}

export function expression<T extends NumberType>(type: T, ...code: readonly Code[]): Expression<T> {
  return { type, code: code.flat() };
}

export function statement(...code: readonly Code[]): Statement {
  return { type: 'nothing', code: code.flat() };
}

const constants: { readonly [T in Exclude<NumberType, 'v128'>]: (value: number) => Code } = {
  i32: (value) => [0x41, ...signed(value)],
  f32: (value) => [0x43, ...floatBytes(value, 32)],
  f64: (value) => [0x44, ...floatBytes(value, 64)],
};

/** An operand as an expression: a number becomes a constant of the wanted type. */
export function operand<T extends NumberType>(type: T, value: Operand<T>): Expression<T> {
  if (typeof value !== 'number') return value;
  return { type, code: constants[type as Exclude<NumberType, 'v128'>](value) };
}

/** Where memory is read or written: an address and a constant distance from it. The alignment is a hint, as a power of 2. */
export function memoryArgument(offset: number, alignment: number = 0): Code {
  return [alignment, ...unsigned(offset)];
}
