/**
 * How many multiply-adds a thread can do in a second when nothing has to be read or written: twelve sums in registers, more
 * than an instruction takes cycles times how many begin in one. Every product depends on the sum before it, or the
 * compiler would compute it once.
 */
import { f32x4, multiplyAdd, writeModule } from '../../src/backends/wasm/assembler/index.ts';
import { chooseSimd } from '../../src/backends/wasm/simd.ts';

const SUMS = 12;
const LANES = 4;

export interface Limit {
  /** Multiply-adds of one call. */
  readonly multiplyAdds: number;
  /** Gives the sum of the sums, which converge to 2 each. */
  readonly run: () => number;
}

/**
 * With products and sums fused where the engine has that at all: the limit is the processor's, whatever kernels use.
 * Switches relaxed instructions on for the whole process.
 */
export async function multiplyAddLimit(iterations: number): Promise<Limit> {
  const module = await WebAssembly.compile(limitModule(hasRelaxed()));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const env = { memory, now: () => performance.now() };
  const { exports } = await WebAssembly.instantiate(module, { env });
  const run = exports['limit'] as (iterations: number) => number;
  return { multiplyAdds: SUMS * LANES * iterations, run: () => run(iterations) };
}

function hasRelaxed(): boolean {
  try {
    return chooseSimd('relaxed') === 'relaxed';
  } catch {
    return false;
  }
}

function limitModule(relaxed: boolean): Uint8Array<ArrayBuffer> {
  const module = writeModule({ relaxed, pages: 1, shared: false });
  const limit = module.functionTo('f32', 'limit', { iterations: 'i32' }, (body, { iterations }) => {
    const [factor, summand] = [body.let(f32x4.splat(0.5)), body.let(f32x4.splat(1))];
    const sums = Array.from({ length: SUMS }, (_, k) => body.let(f32x4.splat(k)));
    body.for(0, iterations, 1, () => {
      for (const sum of sums) body.set(sum, multiplyAdd(relaxed, sum, factor, summand));
    });
    // All are used, or they would not be computed.
    return f32x4.lane(
      sums.reduce((total: (typeof sums)[number], sum) => body.let(f32x4.add(total, sum))),
      0,
    );
  });
  module.export('limit', limit);
  return module.bytes();
}
