/**
 * Source text for kernels on packed tensors, for textures (webgl2) and buffers (webgpu) alike: where a texel lies is
 * written here once, so that a kernel says only what it computes from `n`, `g`, `y`, `x`.
 *
 * Index arithmetic is done in floats, exact below 2²⁴. The quotient of whole numbers is ⌊(v + ½) · (1 / d)⌋, with 1 / d a
 * literal: a product costs less than a division, and the half keeps it ½ / d from whole numbers, while three roundings
 * move it by v / d · 2⁻²² at most.
 *
 * Letters  n image, g group of four channels, y × x pixel
 */
import type { KernelSpec } from './kernel.ts';
import type { PackedLayout } from './layout.ts';
import { texelHelpers } from './texel-kernel.ts';

export type PackedStorage = 'textures' | 'buffers';

/** Text of ⌊v / d⌋ for whole numbers below 2²¹. */
export const quotient = (v: string, d: number): string =>
  d === 1 ? v : `Math.floor((${v} + 0.5) * ${1 / d})`;

/** Text of the texel of an argument at texts of n, g, y, x. Positions up to `border` beyond the edge are zeros. */
export function texelAt(
  storage: PackedStorage,
  name: string,
  layout: PackedLayout,
  n: string,
  g: string,
  y: string,
  x: string,
): string {
  const { row, column } = placeOf(layout, n, g, y, x);
  if (storage === 'textures') return `${name}[${row}][${column}]`;
  return `ld${name}((${row}) * ${layout.columns} + ${column})`;
}

/** Texts of row and column of a texel. */
export function placeOf(
  { N, H, W, border, across, down }: PackedLayout,
  n: string,
  g: string,
  y: string,
  x: string,
): { row: string; column: string } {
  const band = across === 1 ? g : quotient(g, across);
  const image = N === 1 ? '' : `(${n}) * ${down} + `;
  const row = `(${image}${band}) * ${H + border} + ${border} + ${y}`;
  const left = across === 1 ? '' : `(${g} - ${band} * ${across}) * ${W + 2 * border} + `;
  return { row, column: `${left}${border} + ${x}` };
}

/** Text of texel `i` of a table: textures hold tables in one row. */
export function tableAt(storage: PackedStorage, name: string, i: string): string {
  return storage === 'textures' ? `${name}[0][${i}]` : `ld${name}(${i})`;
}

/**
 * A kernel with one invocation per texel of the result. `body` is text that may read `n`, `g`, `y`, `x` and must
 * declare `r0` to `r3`, the four channels. Borders are written as zeros.
 */
export function texelKernel(
  storage: PackedStorage,
  name: string,
  argumentNames: readonly string[],
  result: PackedLayout,
  body: string,
): KernelSpec {
  const { N, H, W, groups, border, across, down, columns, rows } = result;
  const list = argumentNames.join(', ');
  if (storage === 'buffers') {
    const image = N === 1 ? 'const n = 0;' : `const n = ${quotient('this.thread.z', groups)};`;
    const { row, column } = placeOf(result, 'n', 'g', 'this.thread.y', 'this.thread.x');
    const source = `function ${name}(${list}) {
  ${image} const g = this.thread.z - n * ${groups}; const y = this.thread.y; const x = this.thread.x;
  ${body}
  put((${row}) * ${columns} + ${column}, r0, r1, r2, r3);
  return 0;
}`;
    const helpers = texelHelpers(argumentNames);
    return { name, source, output: [W, H, N * groups], gives: 'puts', helpers, result };
  }
  const source = `function ${name}(${list}) {
  const band = ${quotient(`this.thread.y - ${border}`, H + border)}; const y = this.thread.y - ${border} - band * ${H + border};
  const block = ${across === 1 ? '0' : quotient('this.thread.x', W + 2 * border)};
  const x = this.thread.x - block * ${W + 2 * border} - ${border};
  const n = ${N === 1 ? '0' : quotient('band', down)}; const g = (band - n * ${down}) * ${across} + block;
  if (y > ${H - 1} || x < 0 || x > ${W - 1} || g > ${groups - 1}) { return [0, 0, 0, 0]; }
  ${body}
  return [r0, r1, r2, r3];
}`;
  return { name, source, output: [columns, rows, 1], gives: 'texel', result };
}
