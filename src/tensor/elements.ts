/**
 * Element types as files store them, and their way into tensors. Names are those of safetensors. Data is
 * little-endian. float32 and float64 stay what they are; everything else becomes the narrower of the two that
 * holds it exactly, so that reading never rounds.
 */
import { FormatError } from './errors.ts';
import type { DType, TensorData } from './tensor.ts';

/** Bits per element, from the lowest to the highest alignment, in the order in which safetensors ranks them. */
export const elementBits = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;

export type ElementType = keyof typeof elementBits;

/** All element types, lowest alignment first. */
export const elementTypes: readonly ElementType[] = Object.keys(elementBits) as ElementType[];

/** The element type in which a tensor is stored. */
export function elementTypeOf(dtype: DType): ElementType {
  return dtype === 'float32' ? 'F32' : 'F64';
}

/** Typed arrays can stand for file data without conversion only where the machine counts as files do. */
const littleEndianHost: boolean = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** IEEE half precision: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const bitsOf = new Uint32Array(1);
const floatOf = new Float32Array(bitsOf.buffer);

/** bfloat16 is the upper half of a float32. */
function brainToNumber(bits: number): number {
  bitsOf[0] = bits << 16;
  return floatOf[0]!;
}

/** A whole number of 64 bits, given as its halves; NaN where no float64 holds it with certainty. */
function wholeNumber(high: number, low: number): number {
  const value = high * 2 ** 32 + low;
  return Number.isSafeInteger(value) ? value : NaN;
}

interface Decoder {
  readonly into: DType;
  readonly at: (view: DataView, offset: number) => number;
}

const decoders: Readonly<Partial<Record<ElementType, Decoder>>> = {
  BOOL: { into: 'float32', at: (view, offset) => (view.getUint8(offset) === 0 ? 0 : 1) },
  U8: { into: 'float32', at: (view, offset) => view.getUint8(offset) },
  I8: { into: 'float32', at: (view, offset) => view.getInt8(offset) },
  U16: { into: 'float32', at: (view, offset) => view.getUint16(offset, true) },
  I16: { into: 'float32', at: (view, offset) => view.getInt16(offset, true) },
  F16: { into: 'float32', at: (view, offset) => halfToNumber(view.getUint16(offset, true)) },
  BF16: { into: 'float32', at: (view, offset) => brainToNumber(view.getUint16(offset, true)) },
  U32: { into: 'float64', at: (view, offset) => view.getUint32(offset, true) },
  I32: { into: 'float64', at: (view, offset) => view.getInt32(offset, true) },
  F32: { into: 'float32', at: (view, offset) => view.getFloat32(offset, true) },
  F64: { into: 'float64', at: (view, offset) => view.getFloat64(offset, true) },
  U64: {
    into: 'float64',
    at: (view, offset) => wholeNumber(view.getUint32(offset + 4, true), view.getUint32(offset, true)),
  },
  I64: {
    into: 'float64',
    at: (view, offset) => wholeNumber(view.getInt32(offset + 4, true), view.getUint32(offset, true)),
  },
};

/**
 * The numbers that bytes of a file stand for, in new memory.
 *
 * @param where what error messages begin with, e.g. file and tensor name
 * @throws FormatError for element types that have no exact float32 or float64 form, or whole numbers beyond 2^53
 */
export function decodeElements(type: ElementType, bytes: Uint8Array, where: string): TensorData {
  const decoder = decoders[type];
  if (!decoder) {
    const readable = Object.keys(decoders).join(', ');
    throw new FormatError(`${where}: unsupported element type ${type}, can read ${readable}`);
  }
  const width = elementBits[type] / 8;
  const result =
    decoder.into === 'float32'
      ? new Float32Array(bytes.length / width)
      : new Float64Array(bytes.length / width);
  if (littleEndianHost && (type === 'F32' || type === 'F64')) {
    new Uint8Array(result.buffer).set(bytes);
    return result;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = type === 'I64' || type === 'U64';
  for (let i = 0; i < result.length; i++) {
    const value = decoder.at(view, i * width);
    if (whole && Number.isNaN(value)) {
      throw new FormatError(
        `${where}: element ${i} is a whole number beyond 2^53, which float64 would round`,
      );
    }
    result[i] = value;
  }
  return result;
}

/** The bytes that a file holds for these numbers: F32 or F64. Shares memory with them where the machine allows. */
export function encodeElements(data: TensorData): Uint8Array {
  if (littleEndianHost) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const view = new DataView(new ArrayBuffer(data.byteLength));
  for (let i = 0; i < data.length; i++) {
    if (data instanceof Float32Array) view.setFloat32(i * 4, data[i]!, true);
    else view.setFloat64(i * 8, data[i]!, true);
  }
  return new Uint8Array(view.buffer);
}
