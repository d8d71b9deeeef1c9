/**
 * Long launches in pieces. A driver's watchdog ends what keeps a graphics card busy for about two seconds, and the
 * context is lost; a page cannot draw meanwhile. So a window of many multiply-adds is computed for some filters at a
 * time, and the pieces are joined.
 *
 * Letters  g group of four filters
 */
import type { Argument, Lowering, Step } from './kernel.ts';
import { eachLane } from './lanes.ts';
import { packedLayout, type PackedLayout } from './layout.ts';
import type { FilterArguments } from './packed-filters.ts';
import { type PackedWindow, windowKernels } from './packed-window.ts';
import { texelAt, texelKernel } from './texel-source.ts';

/** A join reads at most this many pieces: storage buffers of a kernel in webgpu, the result and parameters left out. */
const MOST_PIECES = 7;

/** The steps of a window, in pieces of at most so many multiply-adds where that is possible. */
export function splitWindow(
  storage: 'textures' | 'buffers',
  window: PackedWindow,
  parameters: FilterArguments,
  multiplyAdds: number,
  most: number,
): Lowering {
  const { result, filterGroups } = window;
  const wanted = Math.min(Math.ceil(multiplyAdds / most), MOST_PIECES);
  const size = Math.ceil(result.groups / wanted / filterGroups) * filterGroups;
  const pieces = Math.ceil(result.groups / size);
  if (pieces <= 1) return windowKernels(storage, window, ...parameters());

  const steps: Step[] = [];
  const ends: Argument[] = [];
  const layouts: PackedLayout[] = [];
  for (let k = 0; k < pieces; k++) {
    const first = k * size;
    const count = Math.min(size, result.groups - first);
    const layout = pieceLayout(result, count);
    const piece = windowKernels(storage, { ...window, result: layout }, ...parameters({ first, count }));
    steps.push(...piece.steps.map((step) => moved(step, steps.length)));
    ends.push({ from: 'step', index: steps.length - 1 });
    layouts.push(layout);
  }
  const join = joinKernel(storage, layouts, size, result);
  return { steps: [...steps, { spec: join, arguments: ends }], outputs: [steps.length] };
}

/** The layout of some groups alone: no borders, since only the join reads it. */
function pieceLayout({ N, H, W, rows, columns }: PackedLayout, groups: number): PackedLayout {
  return packedLayout([N, 4 * groups, H, W], 0, Math.max(rows, columns))!;
}

/** A step whose earlier steps lie further back. */
function moved(step: Step, by: number): Step {
  const move = (argument: Argument): Argument =>
    argument.from === 'step' ? { ...argument, index: argument.index + by } : argument;
  return { ...step, arguments: step.arguments.map(move) };
}

/** Every group from its piece. */
function joinKernel(
  storage: 'textures' | 'buffers',
  pieces: readonly PackedLayout[],
  size: number,
  result: PackedLayout,
): ReturnType<typeof texelKernel> {
  const reads = pieces.map((piece, k) => {
    const texel = texelAt(storage, `x${k}`, piece, 'n', `(g - ${k * size})`, 'y', 'x');
    const last = k === pieces.length - 1;
    const copy = `const v = ${texel}; ${eachLane((l) => `s${l} = v[${l}];`)}`;
    return last ? `{ ${copy} }` : `if (g < ${(k + 1) * size}) { ${copy} }`;
  });
  const body = `${eachLane((l) => `let s${l} = 0;`)}
  ${reads.join(' else ')}
  ${eachLane((l) => `const r${l} = s${l};`)}`;
  return texelKernel(
    storage,
    'join',
    pieces.map((_, k) => `x${k}`),
    result,
    body,
  );
}
