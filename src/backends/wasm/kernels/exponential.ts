/**
 * e to the power of x, in float64, within 1 unit in the last place.
 *
 *   x = k · ln 2 + r with |r| ≤ ln 2 / 2,  e^x = 2^k · e^r
 *   e^r = 1 + r + r · c / (2 − c) with c = r − (P₁ r² + … + P₅ r¹⁰)
 *
 * The reduction, the polynomial and the order of operations are those of fdlibm (Sun's freely distributable library of
 * mathematics), which engines of JavaScript compute Math.exp with as well: where they do, all bits are theirs, and
 * decisions that hang on them, e.g. which box is cut off, fall as on the reference.
 */
import { f64, i32, type Local, type ModuleWriter, type WasmFunction } from '../assembler/index.ts';

/** Above it e^x is too large for a float64, below the other one it is 0. */
const [OVERFLOW, UNDERFLOW] = [7.0978271289338397e2, -7.4513321910194111e2];
/** ln 2 as a sum: the first has so many zeros at its end that its product with k is exact. */
const [LN2_HIGH, LN2_LOW] = [6.9314718036912382e-1, 1.9082149292705877e-10];
/** Upper halves of the bits of ln 2 / 2, of 2⁻²⁸, below which e^x is 1 + x, and of 704, up to which powers of 2 suffice. */
const [HALF_LN2, TINY, COMMON] = [0x3fd62e42, 0x3e300000, 0x40860000];
const P = [
  1.66666666666666019037e-1, -2.77777777770155933842e-3, 6.61375632143793436117e-5, -1.6533902205465251539e-6,
  4.13813679705723846039e-8,
] as const;

/** The function of e^x. NaN gives NaN, −Infinity 0, what is too large Infinity. */
export function exponentialFunction(module: ModuleWriter): WasmFunction<{ readonly x: 'f64' }, 'f64'> {
  return module.functionTo('f64', 'exponential', { x: 'f64' }, (body, { x }) => {
    const size = body.let(i32.and(f64.upperBitsOf(x), 0x7fffffff));
    const half = f64.select(-0.5, 0.5, f64.less(x, 0));
    const nearest = i32.fromF64(f64.add(f64.multiply(Math.LOG2E, x), half));
    const k = body.let(i32.select(nearest, 0, i32.greater(size, HALF_LN2)));
    const high = body.let(f64.subtract(x, f64.multiply(f64.fromI32(k), LN2_HIGH)));
    const low = body.let(f64.multiply(f64.fromI32(k), LN2_LOW));
    const r = body.let(f64.subtract(high, low));
    const square = body.let(f64.multiply(r, r));
    const series = P.reduceRight(
      (sum: Local<'f64'> | undefined, p) =>
        body.let(f64.multiply(square, sum === undefined ? p : f64.add(p, sum))),
      undefined,
    )!;
    const c = body.let(f64.subtract(r, series));
    const quotient = f64.divide(f64.multiply(r, c), f64.subtract(2, c));
    const y = body.let(f64.subtract(1, f64.subtract(f64.subtract(low, quotient), high)));
    const isCommon = i32.below(i32.subtract(size, TINY), COMMON - TINY);
    body.if(
      i32.and(isCommon, f64.notEqual(x, 1)),
      () => body.set(y, f64.multiply(y, powerOfTwo(k))),
      () => {
        // Some results need a power of 2 that a float64 does not reach: two factors.
        const first = body.let(i32.select(1023, k, i32.greater(k, 1023)));
        body.if(i32.less(k, -1021), () => body.set(first, i32.add(k, 1000)));
        body.set(y, f64.multiply(y, powerOfTwo(first)));
        body.if(i32.greater(k, 1023), () => body.set(y, f64.multiply(y, 2)));
        body.if(i32.less(k, -1021), () => body.set(y, f64.multiply(y, 2 ** -1000)));
        body.if(i32.less(size, TINY), () => body.set(y, f64.add(1, x)));
        body.if(f64.equal(x, 1), () => body.set(y, Math.E));
        body.if(f64.greater(x, OVERFLOW), () => body.set(y, Infinity));
        body.if(f64.less(x, UNDERFLOW), () => body.set(y, 0));
      },
    );
    return y;
  });
}

const powerOfTwo = (k: Local<'i32'>): ReturnType<typeof f64.ofUpperBits> =>
  f64.ofUpperBits(i32.shiftLeft(i32.add(k, 1023), 20));
