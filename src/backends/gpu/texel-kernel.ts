/**
 * gpu.js's WebGPU kernels read and write single numbers. This subclass changes the shader that the stock class wrote, so
 * that every array argument `a` is a buffer of texels read by `lda(index)`, and results are stored with
 * `put(index, r, g, b, a)`, as many as one likes, anywhere. New buffers are zero, so the borders of packed tensors are.
 *
 * It touches private parts of gpu.js 2.24: the dependency is pinned to that minor version, and the start-up self-test
 * (`self-test.ts`) falls back to plain tensors when a known result does not come out.
 */
import type { KernelHelper } from './gpujs.ts';

/** The private parts. */
interface StockKernel {
  readonly argumentNames: readonly string[];
  readonly output: readonly number[];
  threadDim: readonly number[];
  workgroupSize: readonly number[];
  assembleWGSL(): string;
  _ensureOutputBuffer(): void;
  run(...args: unknown[]): Promise<{ output: readonly number[] }>;
}
type StockClass = new (...args: unknown[]) => StockKernel;

/** Declarations that make gpu.js translate calls of `ldNAME` and `put`; their bodies are replaced. */
export function texelHelpers(argumentNames: readonly string[]): KernelHelper[] {
  const loads = argumentNames.map((name) => ({
    name: `ld${name}`,
    source: `function ld${name}(i) { return [0, 0, 0, 0]; }`,
    argumentTypes: ['Integer'],
    returnType: 'Array(4)',
  }));
  const put = {
    name: 'put',
    source: 'function put(i, a, b, c, d) { return a; }',
    argumentTypes: ['Integer', 'Number', 'Number', 'Number', 'Number'],
    returnType: 'Number',
  };
  return [...loads, put];
}

/** Invocations of a group. A card computes them together, also those that lie outside. */
const GROUP = 64;

/**
 * Sides of a group that waste the fewest invocations; the wider one of two. gpu.js has groups of 8 × 8, of which a map
 * three tiles wide would use a third.
 */
export function workgroupFor(output: readonly number[]): readonly number[] {
  if (output.length === 1) return [GROUP, 1, 1];
  const [X = 1, Y = 1, Z = 1] = output;
  const covered = (size: number, side: number): number => Math.ceil(size / side) * side;
  let best: readonly number[] = [8, 8, 1];
  let least = Infinity;
  for (let x = GROUP; x >= 1; x /= 2) {
    for (let y = GROUP / x; y >= 1; y /= 2) {
      const z = GROUP / x / y;
      const total = covered(X, x) * covered(Y, y) * covered(Z, z);
      if (total >= least) continue;
      least = total;
      best = [x, y, z];
    }
  }
  return best;
}

/** The subclass. @param stock gpu.js's `WebGPUKernel` */
export function texelKernelClass(stock: unknown): unknown {
  return class TexelKernel extends (stock as StockClass) {
    /** Length of the result; set before the first launch. */
    texels = 0;

    override assembleWGSL(): string {
      let shader = super.assembleWGSL();
      const replace = (pattern: RegExp, by: string): void => {
        if (!pattern.test(shader)) {
          throw new Error(`backend gpu: gpu.js writes another shader: no ${pattern}`);
        }
        shader = shader.replace(new RegExp(pattern, 'g'), by);
      };
      replace(/read_write> result : array<f32>/, 'read_write> result : array<vec4<f32>>');
      for (const name of this.argumentNames) {
        replace(new RegExp(`user_${name} : array<f32>`), `user_${name} : array<vec4<f32>>`);
        replace(new RegExp(`fn get_user_${name}\\([^{]*\\{[^}]*\\}`), '');
        replace(
          new RegExp(`fn fn_ld${name}\\([^{]*\\{[\\s\\S]*?\\n\\}`),
          `fn fn_ld${name}(i : i32) -> vec4<f32> { return user_${name}[u32(i)]; }`,
        );
      }
      replace(
        /fn fn_put\([^{]*\{[\s\S]*?\n\}/,
        'fn fn_put(i : i32, a : f32, b : f32, c : f32, d : f32) -> f32 { result[u32(i)] = vec4<f32>(a, b, c, d); return 0.0; }',
      );
      replace(/result\[data_index\] = [^;]*;/, '');
      this.workgroupSize = workgroupFor(this.output);
      replace(/@workgroup_size\([^)]*\)/, `@workgroup_size(${this.workgroupSize.join(', ')})`);
      return shader;
    }

    override _ensureOutputBuffer(): void {
      const threads = this.threadDim;
      this.threadDim = [4 * this.texels, 1, 1];
      super._ensureOutputBuffer();
      this.threadDim = threads;
    }

    override async run(...args: unknown[]): Promise<{ output: readonly number[] }> {
      const handle = await super.run(...args);
      handle.output = [4 * this.texels];
      return handle;
    }
  };
}
