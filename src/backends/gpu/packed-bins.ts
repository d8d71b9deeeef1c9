/**
 * The fast kernel of region pooling, on packed tensors.
 *
 * Four channels of a region share their bin: an invocation walks its cells once, with one fetch each, where the obvious
 * kernel fetches a cell for each channel by itself. The place of the bin's first cell is worked out once; what follows
 * is that plus two counters.
 *
 * Letters  R regions, H × W map, P × Q bins; n region, g group of four channels of the result, y × x bin
 */
import type { Argument, Lowering, NodeView } from './kernel.ts';
import type { PackedLayout } from './layout.ts';
import { oneStep } from './plain-kernel.ts';
import { placeOf, texelKernel } from './texel-source.ts';

/** How four channels of a bin are pooled. */
export interface BinPooling {
  readonly name: string;
  /** Text of the group of four channels of the data that is pooled for `g`, `y`, `x`. */
  readonly group: string;
  /** Statements that declare r0 to r3, change them by a cell `v`, and finish them by the bin's `height` and `width`. */
  readonly start: string;
  readonly cell: string;
  readonly finish: string;
}

/** A lowering that pools input 0 over bins. @param bins `texelBins` of the regions */
export function packedBins(
  node: NodeView,
  data: PackedLayout,
  bins: Argument,
  pooling: BinPooling,
): Lowering | undefined {
  const result = node.packedOutput(0);
  const [R = 0] = node.outputs[0]!;
  const { packed, maxSide } = node.capabilities;
  if (!result || R > maxSide) return undefined;
  const { name, group, start, cell, finish } = pooling;
  const textures = packed === 'textures';
  const entries = result.H + result.W;
  const entry = (k: string): string => (textures ? `bins[n][${k}]` : `ldbins(n * ${entries} + ${k})`);
  const { row, column } = placeOf(data, 'rows[2]', 'group', 'rows[0]', 'columns[0]');
  const body = `const rows = ${entry('y')}; const columns = ${entry(`${result.H} + x`)};
  const height = rows[1] - rows[0]; const width = columns[1] - columns[0];
  const group = ${group}; const top = ${row}; const left = ${column};
  ${start}
  for (let i = 0; i < ${data.H}; i++) {
    if (i >= height) break;
    for (let j = 0; j < ${data.W}; j++) {
      if (j >= width) break;
      const v = ${textures ? 'data[top + i][left + j]' : `lddata((top + i) * ${data.columns} + left + j)`};
      ${cell}
    }
  }
  ${finish}`;
  const spec = texelKernel(packed!, name, ['data', 'bins'], result, body);
  return oneStep(spec, [{ from: 'input', index: 0, as: 'packed' }, bins]);
}
