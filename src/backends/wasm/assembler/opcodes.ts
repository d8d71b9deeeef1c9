/**
 * Opcodes of WebAssembly by type and by what goes in and comes out; `instructions.ts` makes functions of them. A number
 * above 255 is a vector instruction: its number in the specification with 0xfd00 added.
 */

/** From two of the type to one of it. */
export const binaries = {
  i32: {
    equal: 0x46,
    notEqual: 0x47,
    // signed comparisons
    less: 0x48,
    greater: 0x4a,
    lessEqual: 0x4c,
    greaterEqual: 0x4e,
    // comparisons of addresses, which go up to 2³²
    below: 0x49,
    above: 0x4b,
    add: 0x6a,
    subtract: 0x6b,
    multiply: 0x6c,
    divide: 0x6d,
    divideUnsigned: 0x6e,
    remainder: 0x6f,
    and: 0x71,
    or: 0x72,
    exclusiveOr: 0x73,
    shiftLeft: 0x74,
    shiftRight: 0x75,
    shiftRightUnsigned: 0x76,
  },
  f32: {
    add: 0x92,
    subtract: 0x93,
    multiply: 0x94,
    divide: 0x95,
    // NaN where either is
    minimum: 0x96,
    maximum: 0x97,
  },
  f64: { add: 0xa0, subtract: 0xa1, multiply: 0xa2, divide: 0xa3, minimum: 0xa4, maximum: 0xa5 },
  f32x4: {
    // lanes of all bits or none
    equal: 0xfd41,
    less: 0xfd43,
    greater: 0xfd44,
    add: 0xfde4,
    subtract: 0xfde5,
    multiply: 0xfde6,
    divide: 0xfde7,
    // NaN where either is
    minimum: 0xfde8,
    maximum: 0xfde9,
    /** The second where it is greater, else the first: NaN as the second never wins. */
    pseudoMaximum: 0xfdeb,
  },
  i32x4: { equal: 0xfd37 },
  f64x2: {
    add: 0xfdf0,
    subtract: 0xfdf1,
    multiply: 0xfdf2,
    divide: 0xfdf3,
    // NaN where either is
    minimum: 0xfdf4,
    maximum: 0xfdf5,
  },
  v128: { and: 0xfd4e, or: 0xfd50 },
} as const;

/** From two of the type to an i32, 0 or 1. */
export const comparisons = {
  f32: { equal: 0x5b, notEqual: 0x5c, less: 0x5d, greater: 0x5e, lessEqual: 0x5f, greaterEqual: 0x60 },
  f64: { equal: 0x61, notEqual: 0x62, less: 0x63, greater: 0x64, lessEqual: 0x65, greaterEqual: 0x66 },
} as const;

/** From one of the type to one of it. */
export const unaries = {
  i32: { isZero: 0x45 },
  f32: { absolute: 0x8b, negate: 0x8c, ceil: 0x8d, floor: 0x8e, nearest: 0x90, squareRoot: 0x91 },
  f64: {
    absolute: 0x99,
    negate: 0x9a,
    ceil: 0x9b,
    floor: 0x9c,
    truncate: 0x9d,
    nearest: 0x9e,
    squareRoot: 0x9f,
  },
  f32x4: { absolute: 0xfde0, negate: 0xfde1, squareRoot: 0xfde3, floor: 0xfd68, nearest: 0xfd6a },
} as const;
