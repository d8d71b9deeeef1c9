/**
 * The transforms of Winograd's convolution: patches of the input to what is multiplied, and the sums of products to
 * pixels (see `winograd.ts`).
 *
 * Letters  n image, g group of four channels, k group of four filters (of K), l lane, t tile,
 *          p × q number of a 4 × 4 transform, a × b pixel of a tile
 */
import type { KernelSpec } from './kernel.ts';
import { eachLane } from './lanes.ts';
import { activation } from './packed-window.ts';
import { texelHelpers } from './texel-kernel.ts';
import { placeOf, texelAt } from './texel-source.ts';
import { declareTile, winogradTiles, type WinogradWindow } from './winograd-tiles.ts';

const FOUR = [0, 1, 2, 3] as const;
const TWO = [0, 1] as const;

/** Bᵀ d for a column d of four, or d B for a row: differences that vanish for what the two taps between them share. */
function patchTransform(d: (k: number) => string): readonly [string, string, string, string] {
  return [`${d(0)} - ${d(2)}`, `${d(1)} + ${d(2)}`, `${d(2)} - ${d(1)}`, `${d(1)} - ${d(3)}`];
}

/** Aᵀ m for a column m of four, or m A for a row. */
function pixelTransform(m: (k: number) => string): readonly [string, string] {
  return [`${m(0)} + ${m(1)} + ${m(2)}`, `${m(1)} - ${m(2)} - ${m(3)}`];
}

/** Bᵀ d B: an invocation loads a patch of one group of channels, and stores its transform. */
export function inputTransform(window: WinogradWindow): KernelSpec {
  const { input, padY, padX, dilationY, dilationX } = window;
  const { rows, columns, count } = winogradTiles(window);
  const loads = FOUR.flatMap((p) =>
    FOUR.map((q) => {
      const [y, x] = [`top + ${p * dilationY - padY}`, `left + ${q * dilationX - padX}`];
      return `const d${p}d${q} = ${texelAt('buffers', 'x', input, 'n', 'g', y, x)};`;
    }),
  );
  const first = FOUR.flatMap((q) =>
    FOUR.flatMap((l) =>
      patchTransform((p) => `d${p}d${q}[${l}]`).map((text, p) => `const b${p}b${q}l${l} = ${text};`),
    ),
  );
  const puts = FOUR.flatMap((p) => {
    const lanes = FOUR.map((l) => patchTransform((q) => `b${p}b${q}l${l}`));
    return FOUR.map(
      (q) =>
        `put((${(4 * p + q) * input.groups} + g) * ${count} + t, ${eachLane((l) => lanes[l]![q], ', ')});`,
    );
  });
  const source = `function winogradInput(x) { ${declareTile(window, 'g', input.groups)}
  ${loads.join(' ')} ${first.join(' ')} ${puts.join(' ')} return 0; }`;
  return {
    name: 'winogradInput',
    source,
    output: [columns, rows, input.N * input.groups],
    gives: 'puts',
    helpers: texelHelpers(['x']),
    result: { kind: 'texels', columns: count, rows: 16 * input.groups },
  };
}

/** Aᵀ m A, bias, residual and activation: an invocation makes the four pixels of a tile. */
export function outputTransform(window: WinogradWindow, pieces: number): KernelSpec {
  const { result, residual, dilationY, dilationX, slope } = window;
  const { rows, columns, count } = winogradTiles(window);
  const K = result.groups;
  const rowsPerPiece = 4 / pieces;
  const loads = FOUR.flatMap((p) =>
    FOUR.map((q) => {
      const row = 4 * (p % rowsPerPiece) + q;
      return `const m${p}m${q} = ldm${Math.floor(p / rowsPerPiece)}((${row * K} + k) * ${count} + t);`;
    }),
  );
  const first = FOUR.flatMap((q) =>
    FOUR.flatMap((l) =>
      pixelTransform((p) => `m${p}m${q}[${l}]`).map((text, a) => `const c${a}c${q}l${l} = ${text};`),
    ),
  );
  const puts = TWO.flatMap((a) => {
    const lanes = FOUR.map((l) => pixelTransform((q) => `c${a}c${q}l${l}`));
    return TWO.map((b) => {
      const place = ['n', 'k', `top + ${a * dilationY}`, `left + ${b * dilationX}`] as const;
      const { row, column } = placeOf(result, ...place);
      const shortcut = residual ? `const e${a}e${b} = ${texelAt('buffers', 'e', residual, ...place)};` : '';
      const added = (l: number): string => (residual ? ` + e${a}e${b}[${l}]` : '');
      const name = (l: number): string => `r${a}r${b}l${l}`;
      const values = eachLane((l) => `const ${name(l)} = bias0[${l}] + ${lanes[l]![b]}${added(l)};`);
      const put = `${shortcut} ${values} put((${row}) * ${result.columns} + ${column}, ${eachLane((l) => activation(name(l), slope), ', ')});`;
      const guards = [
        ...(a > 0 ? [`top + ${dilationY} < ${result.H}`] : []),
        ...(b > 0 ? [`left + ${dilationX} < ${result.W}`] : []),
      ];
      return guards.length > 0 ? `if (${guards.join(' && ')}) { ${put} }` : put;
    });
  });
  const names = [
    ...Array.from({ length: pieces }, (_, piece) => `m${piece}`),
    'bias',
    ...(residual ? ['e'] : []),
  ];
  const source = `function winogradOutput(${names.join(', ')}) { ${declareTile(window, 'k', K)}
  const bias0 = ldbias(k); ${loads.join(' ')} ${first.join(' ')} ${puts.join(' ')} return 0; }`;
  return {
    name: 'winogradOutput',
    source,
    output: [columns, rows, result.N * K],
    gives: 'puts',
    helpers: texelHelpers(names),
    result,
  };
}
