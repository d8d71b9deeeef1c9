/**
 * The natural logarithm in float64, of numbers that a float32 can hold.
 *
 *   x = 2^k · m with √½ ≤ m < √2,  s = (m − 1) / (m + 1)
 *   ln x = k · ln 2 + 2 · artanh s = k · ln 2 + 2 s + s · (L₁ s² + … + L₇ s¹⁴)
 *
 * Coefficients of fdlibm, fitted to the interval; the error is about 1 unit in the last place.
 */
import { f64, i32, type Local, type ModuleWriter, type WasmFunction } from '../assembler/index.ts';

/** What takes the upper half of the bits of a number just below √½ to that of one just below 1. */
const ROUND_AT_ROOT = 0x3ff00000 - 0x3fe6a09e;
const L = [
  6.66666666666673513e-1, 3.999999999940941908e-1, 2.857142874366239149e-1, 2.222219843214978396e-1,
  1.818357216161805012e-1, 1.531383769920937332e-1, 1.479819860511658591e-1,
] as const;

/** The function of ln x. 0 gives −Infinity, negative numbers and NaN give NaN, Infinity gives itself. */
export function logarithmFunction(module: ModuleWriter): WasmFunction<{ readonly x: 'f64' }, 'f64'> {
  return module.functionTo('f64', 'logarithm', { x: 'f64' }, (body, { x }) => {
    const bits = i32.add(f64.upperBitsOf(x), ROUND_AT_ROOT);
    const k = body.let(i32.subtract(i32.shiftRight(bits, 20), 1023));
    const shrink = f64.ofUpperBits(i32.shiftLeft(i32.subtract(1023, k), 20));
    const m = body.let(f64.multiply(x, shrink));
    const s = body.let(f64.divide(f64.subtract(m, 1), f64.add(m, 1)));
    const square = body.let(f64.multiply(s, s));
    const series = L.reduceRight(
      (sum: Local<'f64'> | undefined, l) =>
        body.let(f64.multiply(square, sum === undefined ? l : f64.add(l, sum))),
      undefined,
    )!;
    const ofM = f64.multiply(s, f64.add(2, series));
    const y = body.let(f64.add(f64.multiply(f64.fromI32(k), Math.LN2), ofM));
    body.if(f64.equal(x, Infinity), () => body.set(y, Infinity));
    body.if(f64.equal(x, 0), () => body.set(y, -Infinity));
    body.if(i32.isZero(f64.greaterEqual(x, 0)), () => body.set(y, NaN));
    return y;
  });
}
