/**
 * gpu.js folds what it stores into textures as if rows, columns and planes never fitted: it makes one index of them and
 * takes that apart again, with divisions of whole numbers for each texel that is read. A processor that does the work of
 * a graphics card spends most of its time there. This subclass changes the shader that the stock class wrote: where a
 * texture has the sides that the kernel sees, row and column are the place, the sides are literals, and planes of texels
 * stand on each other or lie side by side, so that they have such sides.
 *
 * Which of the two matters where a processor draws: it shares out pairs of rows, so that few rows leave it idle, and
 * starts each with some effort, so that long ones are better.
 *
 * It touches private parts of gpu.js 2.24. Text that is not the expected one stays as it is: right, but slower.
 *
 * A coordinate is (k + ½) / n, rounded three times. With n ≤ 8192 it is off by a thousandth of a texel at most, and the
 * nearest texel is the right one.
 */

/** The private parts. */
interface StockKernel {
  readonly output: readonly number[];
  readonly returnType: string;
  texSize: ArrayLike<number>;
  validateSettings(...args: unknown[]): void;
  getFragmentShader(...args: unknown[]): string;
}
type StockClass = new (...args: unknown[]) => StockKernel;

/** Wider rows of planes are left to gpu.js. */
const WIDEST = 4096;
/** Planes of fewer rows stand on each other. */
const FEW_ROWS = 8;

/** How planes of texels lie in a texture. */
export interface Sides {
  readonly width: number;
  readonly height: number;
  /** Whether planes stand on each other. */
  readonly stacked: boolean;
}

/** The sides of a texture that holds planes of so many texels; undefined where it would be too large. */
export function unfolded(
  [columns = 1, rows = 1, planes = 1]: readonly number[],
  maxSide: number,
): Sides | undefined {
  const stack = { width: columns, height: rows * planes, stacked: true };
  const stackFits = stack.height <= maxSide;
  if (planes === 1 || (rows < FEW_ROWS && columns > 1 && stackFits)) return stack;
  const row = { width: columns * planes, height: rows, stacked: false };
  return row.width <= Math.min(WIDEST, maxSide) ? row : stackFits ? stack : undefined;
}

/** Sides of an argument's texture, and its columns, rows and planes as the kernel sees them. */
const ARGUMENT =
  /ivec2 (user_\w+)Size = ivec2\((\d+), (\d+)\);\s*(?:\w+ )?ivec3 \1Dim = ivec3\((\d+), (\d+), (\d+)\);/g;
/** The same of the result. */
const RESULT =
  /ivec3 uOutputDim = ivec3\((\d+), (\d+), (\d+)\);\s*(?:\w+ )?ivec2 uTexSize = ivec2\((\d+), (\d+)\);/;
/** How a kernel's text begins to read a texel; plane, row and column follow. */
const READ = /getVec4FromSampler2D\((user_\w+), \1Size, \1Dim, /g;
const PLACE = 'threadId = indexTo3D(index, uOutputDim);';

/**
 * The shader, reading texels directly where textures are not folded.
 *
 * @param maxSide longest side of a texture
 * @param sides of the result, if it is not folded
 */
export function directShader(shader: string, maxSide: number, sides?: Sides): string {
  const direct = new Set<string>();
  const reading = shader.replace(ARGUMENT, (sizes: string, name: string, ...numbers: string[]) => {
    const [width, height, columns, rows, planes] = numbers.slice(0, 5).map(Number) as Sizes;
    const expected = unfolded([columns, rows, planes], maxSide);
    if (width !== expected?.width || height !== expected.height) return sizes;
    direct.add(name);
    const column = planes === 1 || expected.stacked ? 'x' : `(x) + (z) * ${columns}`;
    const row = planes === 1 || !expected.stacked ? 'y' : `(y) + (z) * ${rows}`;
    const scale = `vec2(${literal(1 / width)}, ${literal(1 / height)})`;
    return `${sizes}\n#define texelOf_${name}(z, y, x) texture(${name}, (vec2(${column}, ${row}) + 0.5) * ${scale})`;
  });
  const read = reading.replace(READ, (call: string, name: string) =>
    direct.has(name) ? `texelOf_${name}(` : call,
  );
  const [columns, rows, planes, width, height] = (RESULT.exec(shader) ?? []).slice(1).map(Number);
  // Folded by gpu.js, planes may have the same sides by chance.
  const flat = planes === 1 && width === columns && height === rows;
  if (!flat && (width === undefined || width !== sides?.width || height !== sides.height)) return read;
  const place = 'ivec2 place = ivec2(gl_FragCoord.xy);';
  if (planes === 1) return read.replace(PLACE, `${place} threadId = ivec3(place, 0);`);
  const [axis, side] = sides!.stacked ? ['y', rows!] : ['x', columns!];
  const plane = `int plane = int(gl_FragCoord.${axis} * ${literal(1 / side)});`;
  const rest = `place.${axis} -= plane * ${side};`;
  return read.replace(PLACE, `${place} ${plane} ${rest} threadId = ivec3(place, plane);`);
}

type Sizes = [width: number, height: number, columns: number, rows: number, planes: number];

const literal = (value: number): string => value.toExponential(12);

/** The subclass. @param stock gpu.js's `WebGL2Kernel` @param maxSide longest side of a texture */
export function textureKernelClass(stock: unknown, maxSide: number): unknown {
  return class TextureKernel extends (stock as StockClass) {
    #sides: Sides | undefined;

    override validateSettings(...args: unknown[]): void {
      super.validateSettings(...args);
      if (this.output.length !== 3 || this.returnType !== 'Array(4)') return;
      this.#sides = unfolded(this.output, maxSide);
      if (this.#sides) this.texSize = Int32Array.of(this.#sides.width, this.#sides.height);
    }

    override getFragmentShader(...args: unknown[]): string {
      return directShader(super.getFragmentShader(...args), maxSide, this.#sides);
    }
  };
}
