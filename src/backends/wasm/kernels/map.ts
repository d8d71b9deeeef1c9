/**
 * Map: output = f(input, a, b), element by element, with two parameters that are the same everywhere.
 *
 *   item = 8192 elements
 */
import {
  f32,
  f32x4,
  f64,
  type F64,
  i32,
  type Local,
  type ModuleWriter,
  type V128,
  v128,
} from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { elementwiseItem } from './elementwise.ts';
import { exponentialFunction } from './exponential.ts';
import { logarithmFunction } from './logarithm.ts';

const fields = { input: 'address', output: 'address', total: 'i32', a: 'f32', b: 'f32' } as const;

export type MapKernel = Kernel<typeof fields>;

/** A function of four elements; a and b are in all lanes. */
type OfFour = (x: Local<'v128'>, a: Local<'v128'>, b: Local<'v128'>) => V128;

function mapFour(name: string, f: OfFour): MapKernel {
  return defineKernel({
    name,
    fields,
    write(body, { input, output, total, a, b, item }) {
      const [aa, bb] = [body.let(f32x4.splat(a)), body.let(f32x4.splat(b))];
      const x = body.local('v128');
      elementwiseItem(
        body,
        { total, item },
        (offset) => {
          body.set(x, v128.load(i32.add(input, offset)));
          body.perform(v128.store(i32.add(output, offset), f(x, aa, bb)));
        },
        (offset) => {
          body.set(x, v128.loadSplat(i32.add(input, offset)));
          body.perform(f32.store(i32.add(output, offset), f32x4.lane(f(x, aa, bb), 0)));
        },
      );
    },
  });
}

/** A function in float64, whose result is rounded. */
type OfOne = (x: Local<'f64'>, a: F64, module: ModuleWriter) => F64;

function mapOne(name: string, f: OfOne): MapKernel {
  return defineKernel({
    name,
    fields,
    write(body, { input, output, total, a, item }, module) {
      const wide = body.let(f64.fromF32(a));
      const x = body.local('f64');
      elementwiseItem(body, { total, item }, undefined, (offset) => {
        body.set(x, f64.fromF32(f32.load(i32.add(input, offset))));
        body.perform(f32.store(i32.add(output, offset), f32.fromF64(f(x, wide, module))));
      });
    },
  });
}

const [zero, one] = [v128.zero, f32x4.splat(1)];

/** a, b: the limits. */
export const clipKernel: MapKernel = mapFour('clip', (x, a, b) =>
  v128.bitSelect(b, v128.bitSelect(a, x, f32x4.less(x, a)), f32x4.greater(x, b)),
);

export const expKernel: MapKernel = mapOne('exp', (x, _, module) => exponentialFunction(module).call({ x }));

export const heavisideKernel: MapKernel = mapFour('heaviside', (x) => v128.and(f32x4.greater(x, zero), one));

/** a: the slope. */
export const leakyReluKernel: MapKernel = mapFour('leakyRelu', (x, a) =>
  v128.bitSelect(x, f32x4.multiply(a, x), f32x4.greater(x, zero)),
);

export const logKernel: MapKernel = mapOne('log', (x, _, module) => logarithmFunction(module).call({ x }));

export const reluKernel: MapKernel = mapFour('relu', (x) => f32x4.maximum(x, zero));

export const sigmoidKernel: MapKernel = mapOne('sigmoid', (x, _, module) =>
  f64.divide(1, f64.add(1, exponentialFunction(module).call({ x: f64.negate(x) }))),
);

/** a: σ. */
export const smoothL1Kernel: MapKernel = mapOne('smoothL1', (x, a) => {
  const curvature = f64.multiply(a, a);
  const reach = f64.divide(1, curvature);
  const size = f64.absolute(x);
  const line = f64.subtract(size, f64.multiply(0.5, reach));
  const parabola = f64.multiply(f64.multiply(f64.multiply(0.5, curvature), size), size);
  return f64.select(line, parabola, f64.greater(size, reach));
});

export const sqrtKernel: MapKernel = mapFour('sqrt', (x) => f32x4.squareRoot(x));

/** a, b: the limits. */
export const withinRangeKernel: MapKernel = mapFour('withinRange', (x, a, b) =>
  v128.bitSelect(zero, one, v128.or(f32x4.less(x, a), f32x4.greater(x, b))),
);
