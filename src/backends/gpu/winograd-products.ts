/**
 * The multiply-adds of Winograd's convolution: sixteen products of a matrix of filters by channels and one of channels by
 * tiles (see `winograd.ts`).
 *
 * Letters  g group of four channels (of G), k group of four filters (of K), l lane, i channel of a group,
 *          j tile of an invocation, f group of filters of an invocation
 */
import type { KernelSpec } from './kernel.ts';
import { eachLane, LANES } from './lanes.ts';
import { texelHelpers } from './texel-kernel.ts';
import { winogradTiles, type WinogradWindow } from './winograd-tiles.ts';

/**
 * Pieces in which the products can be computed: a kernel of webgpu may use eight buffers, and that which puts them
 * together also reads bias and residual and writes its result.
 */
export const MOST_PRODUCTS = 4;
/** Groups of filters that an invocation multiplies its tiles with. */
const FILTER_GROUPS = 2;

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/**
 * The products of some rows p of the transforms. An invocation multiplies several tiles, which lie far apart so that
 * neighbouring invocations load neighbouring texels, with two groups of filters.
 */
export function winogradProducts(window: WinogradWindow, firstRow: number, rows: number): KernelSpec {
  const { input, result, tile } = window;
  const { count } = winogradTiles(window);
  const G = input.groups;
  const K = result.groups;
  const stride = Math.ceil(count / tile);
  const groups = range(K === 1 ? 1 : FILTER_GROUPS);
  const tiles = range(tile).filter((j) => j * stride < count);
  const sum = (j: number, f: number, l: number): string => `a${j}f${f}l${l}`;
  const group = (f: number): string => `(this.thread.y * ${groups.length} + ${f})`;
  const all = <T>(use: (j: number, f: number) => T): T[] =>
    groups.flatMap((f) => tiles.map((j) => use(j, f)));

  const starts = all((j, f) => eachLane((l) => `let ${sum(j, f, l)} = 0;`));
  const patches = tiles.map(
    (j) =>
      `const d${j} = ldx(((this.thread.z + ${4 * firstRow}) * ${G} + g) * ${count} + this.thread.x + ${j * stride});`,
  );
  const filters = groups.flatMap((f) =>
    LANES.map(
      (i) => `const w${f}i${i} = ldw((this.thread.z * ${K} + ${group(f)}) * ${4 * G} + g * 4 + ${i});`,
    ),
  );
  const sums = all((j, f) =>
    eachLane((l) => `${sum(j, f, l)} += ${eachLane((i) => `d${j}[${i}] * w${f}i${i}[${l}]`, ' + ')};`),
  );
  const puts = all((j, f) => {
    const at = `(this.thread.z * ${K} + ${group(f)}) * ${count} + this.thread.x + ${j * stride}`;
    const put = `put(${at}, ${eachLane((l) => sum(j, f, l), ', ')});`;
    const guards = [
      ...((j + 1) * stride > count ? [`this.thread.x < ${count - j * stride}`] : []),
      ...(f > 0 && K % groups.length > 0 ? [`this.thread.y < ${Math.floor(K / groups.length)}`] : []),
    ];
    return guards.length > 0 ? `if (${guards.join(' && ')}) { ${put} }` : put;
  });
  const source = `function winogradProducts(x, w) { ${starts.join(' ')}
  for (let g = 0; g < ${G}; g++) { ${[...patches, ...filters, ...sums].join(' ')} }
  ${puts.join(' ')} return 0; }`;
  return {
    name: 'winogradProducts',
    source,
    output: [stride, Math.ceil(K / groups.length), 4 * rows],
    gives: 'puts',
    helpers: texelHelpers(['x', 'w']),
    result: { kind: 'texels', columns: count, rows: 4 * rows * K },
  };
}
