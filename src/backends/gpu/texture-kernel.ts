/**
 * gpu.js reads a texel of a texture as if rows might be folded: it makes one index of row and column and takes that apart
 * again, with two divisions of whole numbers, which the compiler does not know to be in vain. This subclass changes the
 * shader that the stock class wrote: where a texture has the sides that the kernel sees, row and column are the place,
 * and the sides are literals.
 *
 * It touches private parts of gpu.js 2.24. Where the text is not the expected one, it stays as it is, right but slower.
 *
 * A coordinate is (k + ½) / n, rounded three times. With n ≤ 8192 it is off by a thousandth of a texel at most, and the
 * nearest texel is the right one.
 */

/** The private parts. */
interface StockKernel {
  getFragmentShader(...args: unknown[]): string;
}
type StockClass = new (...args: unknown[]) => StockKernel;

/** Sides of a texture, and its columns, rows and planes as the kernel sees them. */
const SIZES = /ivec2 (user_\w+)Size = ivec2\((\d+), (\d+)\);\s*(?:\w+ )?ivec3 \1Dim = ivec3\((\d+), (\d+), (\d+)\);/g;

/** How a kernel's text begins to read a texel; plane, row and column follow. */
const READ = /getVec4FromSampler2D\((user_\w+), \1Size, \1Dim, /g;

/** The shader with its reads of texels of unfolded textures made direct. */
export function directReads(shader: string): string {
  const direct = new Set<string>();
  const defined = shader.replace(SIZES, (sizes: string, name: string, ...numbers: string[]) => {
    const [width, height, columns, rows, planes] = numbers.map(Number);
    if (width !== columns || height !== rows || planes !== 1) return sizes;
    direct.add(name);
    const scale = `vec2(${(1 / width!).toExponential(12)}, ${(1 / height!).toExponential(12)})`;
    return `${sizes}\n#define texelOf_${name}(z, y, x) texture(${name}, (vec2(x, y) + 0.5) * ${scale})`;
  });
  return defined.replace(READ, (read: string, name: string) => (direct.has(name) ? `texelOf_${name}(` : read));
}

/** The subclass. @param stock gpu.js's `WebGL2Kernel` */
export function textureKernelClass(stock: unknown): unknown {
  return class TextureKernel extends (stock as StockClass) {
    override getFragmentShader(...args: unknown[]): string {
      return directReads(super.getFragmentShader(...args));
    }
  };
}
