/** The exponential function and the logarithm in WebAssembly, against those of the engine. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type ModuleWriter,
  type WasmFunction,
  writeModule,
} from '../../../src/backends/wasm/assembler/index.ts';
import { exponentialFunction } from '../../../src/backends/wasm/kernels/exponential.ts';
import { logarithmFunction } from '../../../src/backends/wasm/kernels/logarithm.ts';
import { runs } from '../../../src/testing/index.ts';

type Write = (module: ModuleWriter) => WasmFunction<{ readonly x: 'f64' }, 'f64'>;

async function compiled(write: Write): Promise<(x: number) => number> {
  const module = writeModule({ relaxed: false, pages: 1, shared: false });
  module.export('f', write(module));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { instance } = await WebAssembly.instantiate(module.bytes(), { env: { memory, now: () => 0 } });
  return instance.exports['f'] as (x: number) => number;
}

const exponential = await compiled(exponentialFunction);
const logarithm = await compiled(logarithmFunction);

const special = [
  0,
  -0,
  1,
  -1,
  NaN,
  Infinity,
  -Infinity,
  Number.MIN_VALUE,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
];
/** About where the computation takes another way: halves of ln 2, overflow, results below the normal ones, underflow. */
const borders = [
  0.34657359027997264,
  1.0397207708399179,
  709.782712893384,
  -708.39,
  -709.09,
  -745.1332191019411,
  2 ** -28,
];
const around = borders.flatMap((x) => [
  x,
  -x,
  x * (1 + 2 ** -52),
  x * (1 - 2 ** -52),
  x * (1 + 2 ** -30),
  x * (1 - 2 ** -30),
]);

test('the exponential function has all bits of Math.exp, which V8 computes as fdlibm does', () => {
  for (const x of [...special, ...around]) expect(exponential(x)).toBe(Math.exp(x));
  const within = (bound: number): fc.Arbitrary<number> => fc.double({ min: -bound, max: bound, noNaN: true });
  const numbers = fc.oneof(fc.double(), within(800), within(20), within(1), within(2 ** -20));
  fc.assert(
    fc.property(numbers, (x) => {
      expect(exponential(x)).toBe(Math.exp(x));
    }),
    { numRuns: runs(2000) },
  );
});

test('the logarithm of a float32 is that of Math.log, but for the last bits of a float64', () => {
  for (const x of special) expect(logarithm(Math.fround(x))).toBe(Math.log(Math.fround(x)));
  const numbers = fc.oneof(
    fc.float({ min: 0, noNaN: true }),
    fc.float({ min: Math.fround(0.5), max: 2, noNaN: true }),
  );
  fc.assert(
    fc.property(numbers, (x) => {
      const expected = Math.log(x);
      if (!Number.isFinite(expected)) expect(logarithm(x)).toBe(expected);
      else expect(Math.abs(logarithm(x) - expected)).toBeLessThanOrEqual(4 * 2 ** -53 * Math.abs(expected));
    }),
    { numRuns: runs(2000) },
  );
});
