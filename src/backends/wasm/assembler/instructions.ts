/**
 * The instructions, by type, as functions from expressions to expressions: `f32x4.add(a, b)`, `i32.load(address, 8)`.
 * Names and meaning are those of the WebAssembly specification, in full words.
 */
import {
  type Code,
  type Expression,
  expression,
  type F64,
  type I32,
  memoryArgument,
  type NumberType,
  type Operand,
  operand,
  type Statement,
  statement,
  unsigned,
  type V128,
} from './expressions.ts';
import { binaries, comparisons, unaries } from './opcodes.ts';

type Unary<T extends NumberType, R extends NumberType = T> = (a: Operand<T>) => Expression<R>;
type Binary<T extends NumberType, R extends NumberType = T> = (a: Operand<T>, b: Operand<T>) => Expression<R>;
type Load<T extends NumberType> = (address: I32, offset?: number) => Expression<T>;
type Store<T extends NumberType> = (address: I32, value: Operand<T>, offset?: number) => Statement;
/** The second value where the condition is 0, else the first. Both are computed. */
type Select<T extends NumberType> = (a: Operand<T>, b: Operand<T>, condition: I32) => Expression<T>;

/** The bytes of an opcode; those of vectors stand behind a prefix. */
function bytesOf(opcode: number): Code {
  return opcode < 256 ? [opcode] : [0xfd, ...unsigned(opcode - 0xfd00)];
}

const unary =
  <T extends NumberType, R extends NumberType>(type: T, result: R, code: Code): Unary<T, R> =>
  (a) =>
    expression(result, operand(type, a).code, code);

const binary =
  <T extends NumberType, R extends NumberType>(type: T, result: R, code: Code): Binary<T, R> =>
  (a, b) =>
    expression(result, operand(type, a).code, operand(type, b).code, code);

const load =
  <T extends NumberType>(type: T, opcode: number): Load<T> =>
  (address, offset = 0) =>
    expression(type, operand('i32', address).code, bytesOf(opcode), memoryArgument(offset));

const store =
  <T extends NumberType>(type: T, opcode: number): Store<T> =>
  (address, value, offset = 0) =>
    statement(
      operand('i32', address).code,
      operand(type, value).code,
      bytesOf(opcode),
      memoryArgument(offset),
    );

function select<T extends NumberType>(type: T): Select<T> {
  const code = type === 'v128' ? [0x1c, 1, 0x7b] : [0x1b]; // of vectors in the form that names its type
  return (a, b, condition) =>
    expression(type, operand(type, a).code, operand(type, b).code, operand('i32', condition).code, code);
}

type Each<Names, F> = { readonly [K in keyof Names]: F };

/** A function for each opcode of a table. */
function each<Names extends object, F>(table: Names, make: (opcode: number) => F): Each<Names, F> {
  return Object.fromEntries(
    Object.entries(table).map(([name, opcode]) => [name, make(opcode as number)]),
  ) as Each<Names, F>;
}

type Arithmetic<K extends keyof typeof binaries, T extends NumberType> = Each<
  (typeof binaries)[K],
  Binary<T>
>;
type Functions<K extends keyof typeof unaries, T extends NumberType> = Each<(typeof unaries)[K], Unary<T>>;
type Comparisons<K extends keyof typeof comparisons> = Each<(typeof comparisons)[K], Binary<K, 'i32'>>;

const arithmetic = <K extends keyof typeof binaries, T extends NumberType>(
  key: K,
  type: T,
): Arithmetic<K, T> => each(binaries[key], (opcode) => binary(type, type, bytesOf(opcode)));
const functions = <K extends keyof typeof unaries, T extends NumberType>(key: K, type: T): Functions<K, T> =>
  each(unaries[key], (opcode) => unary(type, type, bytesOf(opcode)));
const compared = <K extends keyof typeof comparisons>(key: K): Comparisons<K> =>
  each(comparisons[key], (opcode) => binary(key, 'i32', bytesOf(opcode)));

export const i32: Arithmetic<'i32', 'i32'> &
  Functions<'i32', 'i32'> & {
    readonly load: Load<'i32'>;
    readonly store: Store<'i32'>;
    readonly constant: (value: number) => Expression<'i32'>;
    readonly load8: Load<'i32'>;
    readonly store8: Store<'i32'>;
    /** Toward 0. NaN gives 0, what is too large the largest; nothing traps. */
    readonly fromF32: Unary<'f32', 'i32'>;
    readonly fromF64: Unary<'f64', 'i32'>;
    readonly bitsOf: Unary<'f32', 'i32'>;
    readonly select: Select<'i32'>;
    /** The smaller of two, each of which is computed twice: pass locals. */
    readonly minimum: Binary<'i32'>;
    readonly maximum: Binary<'i32'>;
  } = {
  ...arithmetic('i32', 'i32'),
  ...functions('i32', 'i32'),
  load: load('i32', 0x28),
  store: store('i32', 0x36),
  constant: (value) => operand('i32', value),
  load8: load('i32', 0x2d),
  store8: store('i32', 0x3a),
  fromF32: unary('f32', 'i32', [0xfc, 0]),
  fromF64: unary('f64', 'i32', [0xfc, 2]),
  bitsOf: unary('f32', 'i32', [0xbc]),
  select: select('i32'),
  minimum: (a, b) => i32.select(a, b, i32.less(a, b)),
  maximum: (a, b) => i32.select(a, b, i32.greater(a, b)),
};

export const f32: Arithmetic<'f32', 'f32'> &
  Functions<'f32', 'f32'> &
  Comparisons<'f32'> & {
    readonly load: Load<'f32'>;
    readonly store: Store<'f32'>;
    readonly fromI32: Unary<'i32', 'f32'>;
    readonly fromF64: Unary<'f64', 'f32'>;
    readonly ofBits: Unary<'i32', 'f32'>;
    readonly select: Select<'f32'>;
  } = {
  ...arithmetic('f32', 'f32'),
  ...functions('f32', 'f32'),
  ...compared('f32'),
  load: load('f32', 0x2a),
  store: store('f32', 0x38),
  fromI32: unary('i32', 'f32', [0xb2]),
  fromF64: unary('f64', 'f32', [0xb6]),
  ofBits: unary('i32', 'f32', [0xbe]),
  select: select('f32'),
};

export const f64: Arithmetic<'f64', 'f64'> &
  Functions<'f64', 'f64'> &
  Comparisons<'f64'> & {
    readonly load: Load<'f64'>;
    readonly store: Store<'f64'>;
    readonly fromI32: Unary<'i32', 'f64'>;
    readonly fromF32: Unary<'f32', 'f64'>;
    /** The float whose upper half has these bits and whose lower half is 0, e.g. a power of 2 from its exponent. */
    readonly ofUpperBits: Unary<'i32', 'f64'>;
    /** The upper half of a float's bits: sign, exponent and 20 bits of the fraction. */
    readonly upperBitsOf: (value: F64) => Expression<'i32'>;
    readonly select: Select<'f64'>;
  } = {
  ...arithmetic('f64', 'f64'),
  ...functions('f64', 'f64'),
  ...compared('f64'),
  load: load('f64', 0x2b),
  store: store('f64', 0x39),
  fromI32: unary('i32', 'f64', [0xb7]),
  fromF32: unary('f32', 'f64', [0xbb]),
  ofUpperBits: unary('i32', 'f64', [0xad, 0x42, 32, 0x86, 0xbf]), // extend to i64, shift by 32, reinterpret
  upperBitsOf: unary('f64', 'i32', [0xbd, 0x42, 32, 0x88, 0xa7]), // reinterpret, shift back, wrap
  select: select('f64'),
};

/** Vectors of 128 bits of any kind. */
export const v128: Arithmetic<'v128', 'v128'> & {
  readonly load: Load<'v128'>;
  readonly store: Store<'v128'>;
  /** One float in all four lanes, straight from memory. */
  readonly loadSplat: Load<'v128'>;
  /** Two floats in the lower lanes, zeros above. */
  readonly loadLow: Load<'v128'>;
  readonly zero: V128;
  /** Bits of `a` where the mask has ones, else of `b`. */
  readonly bitSelect: (a: V128, b: V128, mask: V128) => V128;
  readonly select: Select<'v128'>;
  /** Whether any bit is 1. */
  readonly anyTrue: Unary<'v128', 'i32'>;
  /** Lanes chosen from those of `a` (0 to 3) and of `b` (4 to 7). */
  readonly shuffle: (a: V128, b: V128, lanes: readonly [number, number, number, number]) => V128;
} = {
  ...arithmetic('v128', 'v128'),
  load: load('v128', 0xfd00),
  store: store('v128', 0xfd0b),
  loadSplat: load('v128', 0xfd09),
  loadLow: load('v128', 0xfd5d),
  zero: expression(
    'v128',
    [0xfd, 12],
    Array.from({ length: 16 }, () => 0),
  ),
  bitSelect: (a, b, mask) => expression('v128', a.code, b.code, mask.code, [0xfd, 82]),
  select: select('v128'),
  anyTrue: unary('v128', 'i32', bytesOf(0xfd53)),
  shuffle: (a, b, lanes) => {
    const bytes = lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]);
    return expression('v128', a.code, b.code, [0xfd, 13], bytes);
  },
};

const lane =
  <T extends NumberType>(type: T, opcode: number) =>
  (vector: V128, index: number): Expression<T> =>
    expression(type, vector.code, bytesOf(opcode), [index]);

export const f32x4: Arithmetic<'f32x4', 'v128'> &
  Functions<'f32x4', 'v128'> & {
    readonly splat: Unary<'f32', 'v128'>;
    readonly lane: (vector: V128, index: number) => Expression<'f32'>;
  } = {
  ...arithmetic('f32x4', 'v128'),
  ...functions('f32x4', 'v128'),
  splat: unary('f32', 'v128', bytesOf(0xfd13)),
  lane: lane('f32', 0xfd1f),
};

export const i32x4: Arithmetic<'i32x4', 'v128'> & {
  readonly splat: Unary<'i32', 'v128'>;
  readonly lane: (vector: V128, index: number) => Expression<'i32'>;
} = {
  ...arithmetic('i32x4', 'v128'),
  splat: unary('i32', 'v128', bytesOf(0xfd11)),
  lane: lane('i32', 0xfd1b),
};

export const f64x2: Arithmetic<'f64x2', 'v128'> & {
  readonly splat: Unary<'f64', 'v128'>;
  readonly lane: (vector: V128, index: number) => Expression<'f64'>;
  /** The two lower floats of four. */
  readonly fromLowF32: Unary<'v128'>;
  /** Two floats in the lower lanes, zeros above. */
  readonly toF32: Unary<'v128'>;
} = {
  ...arithmetic('f64x2', 'v128'),
  splat: unary('f64', 'v128', bytesOf(0xfd14)),
  lane: lane('f64', 0xfd21),
  fromLowF32: unary('v128', 'v128', bytesOf(0xfd5f)),
  toF32: unary('v128', 'v128', bytesOf(0xfd5e)),
};

/** Moves and fills stretches of memory, which the engine does with the widest instructions that it has. */
export const memory: {
  readonly copy: (target: I32, source: I32, bytes: I32) => Statement;
  readonly fillZero: (target: I32, bytes: I32) => Statement;
} = {
  copy: (target, source, bytes) =>
    statement(...[target, source, bytes].map((value) => operand('i32', value).code), [0xfc, 10, 0, 0]),
  fillZero: (target, bytes) =>
    statement(...[target, 0, bytes].map((value) => operand('i32', value).code), [0xfc, 11, 0]),
};

/** A product and a sum. Relaxed, the engine rounds once where the processor can (fused); else it rounds twice. */
export function multiplyAdd(relaxed: boolean, a: V128, b: V128, sum: V128): V128 {
  if (!relaxed) return f32x4.add(sum, f32x4.multiply(a, b));
  return expression('v128', a.code, b.code, sum.code, [0xfd, ...unsigned(0x105)]);
}
