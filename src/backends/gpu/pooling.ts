/**
 * pooling on the device: see `src/ops/pooling.ts`.
 *
 * The obvious kernels walk the window of a number. The fast one does the same for the four channels of a texel, with one
 * fetch for four numbers. What of a window lies outside the image is skipped, not read as the zeros that are there: a
 * zero would win among negative numbers.
 *
 * NaN      Never the largest, where the device compares as the standard says.
 * Letters  H × W input, P × Q output, I × J window
 */
import {
  type PoolingAttributes,
  type PoolingGeometry,
  poolingGeometry,
  windowExtents,
} from '../../ops/index.ts';
import type { GpuOperator, Lowering, NodeView } from './kernel.ts';
import { eachLane, LANES } from './lanes.ts';
import { laneOf } from './elementwise.ts';
import { oneStep, plainInput, plainKernel } from './plain-kernel.ts';
import { extentTables, weightOf } from './pooling-windows.ts';
import { tableAt, texelAt, texelKernel } from './texel-source.ts';
import type { Planes, Thread } from './thread.ts';

type View = NodeView<Required<PoolingAttributes>>;

/** The lowest float32: where a maximum starts, and what a window without a pixel gives. */
export const LOWEST: number = -(2 - 2 ** -23) * 2 ** 127;

function maximum(this: Thread<'I' | 'J' | 'LOWEST'>, data: Planes, rows: Planes, columns: Planes): number {
  let largest = this.constants.LOWEST;
  for (let i = 0; i < this.constants.I; i++) {
    for (let j = 0; j < this.constants.J; j++) {
      const y = rows[0]![this.thread.y]![0]! + i;
      const x = columns[0]![this.thread.x]![0]! + j;
      if (y < rows[0]![this.thread.y]![1]! && x < columns[0]![this.thread.x]![1]!) {
        const value = data[this.thread.z]![y]![x]!;
        if (value > largest) {
          largest = value;
        }
      }
    }
  }
  return largest;
}

function mean(this: Thread<'I' | 'J'>, data: Planes, rows: Planes, columns: Planes): number {
  let sum = 0;
  for (let i = 0; i < this.constants.I; i++) {
    for (let j = 0; j < this.constants.J; j++) {
      const y = rows[0]![this.thread.y]![0]! + i;
      const x = columns[0]![this.thread.x]![0]! + j;
      if (y < rows[0]![this.thread.y]![1]! && x < columns[0]![this.thread.x]![1]!) {
        sum += data[this.thread.z]![y]![x]!;
      }
    }
  }
  const divisor = rows[0]![this.thread.y]![2]! * columns[0]![this.thread.x]![2]!;
  if (divisor < 0.5) return 0;
  return sum / divisor;
}

function obvious(node: View): Lowering {
  const { inputs, outputs, attributes } = node;
  const geometry = poolingGeometry('pooling', inputs[0]!, attributes);
  const { I, J } = geometry;
  const spec =
    attributes.type === 'max'
      ? plainKernel('maximum', maximum, { I, J, LOWEST }, outputs[0]!)
      : plainKernel('mean', mean, { I, J }, outputs[0]!);
  return oneStep(spec, [plainInput(0), ...extentTables(geometry, attributes.countPadding)]);
}

function fast(node: View): Lowering | undefined {
  const { attributes, capabilities } = node;
  const geometry = poolingGeometry('pooling', node.inputs[0]!, attributes);
  const [input, result] = [node.packedInput(0), node.packedOutput(0)];
  if (!input || !result || Math.max(geometry.P, geometry.Q) > capabilities.maxSide) return undefined;
  const storage = capabilities.packed!;
  const { I, J } = geometry;
  const isMaximum = attributes.type === 'max';
  const step = LANES.map((l) =>
    isMaximum ? `if (t[${l}] > s${l}) { s${l} = t[${l}]; }` : `s${l} += t[${l}];`,
  );
  const texel = texelAt(storage, 'x0', input, 'n', 'g', '(rows[0] + i)', '(columns[0] + j)');
  const read = `const t = ${texel}; ${step.join(' ')}`;
  const inside = isInside(geometry)
    ? read
    : `if (rows[0] + i < rows[1] && columns[0] + j < columns[1]) { ${read} }`;
  const divisor = isMaximum ? '' : 'const divisor = rows[2] * columns[2];';
  const value = (l: number): string => (isMaximum ? `s${l}` : `(divisor < 0.5 ? 0 : s${l} / divisor)`);
  const body = `const rows = ${tableAt(storage, 'x1', 'y')}; const columns = ${tableAt(storage, 'x2', 'x')};
  ${eachLane((l) => `let s${l} = ${isMaximum ? LOWEST : 0};`)}
  for (let i = 0; i < ${I}; i++) { for (let j = 0; j < ${J}; j++) { ${inside} } }
  ${divisor} ${eachLane((l) => laneOf(result, l, value(l)))}`;
  const spec = texelKernel(storage, isMaximum ? 'maximum' : 'mean', ['x0', 'x1', 'x2'], result, body);
  return oneStep(spec, [
    { from: 'input', index: 0, as: 'packed' },
    ...texelTables(geometry, attributes.countPadding),
  ]);
}

/** Whether no window overhangs the image. */
function isInside(geometry: PoolingGeometry): boolean {
  const { rows, columns } = windowExtents(geometry);
  return (
    rows.every(({ first, end }) => end - first === geometry.I) &&
    columns.every(({ first, end }) => end - first === geometry.J)
  );
}

/** The tables of `extentTables`, a texel for each window. */
function texelTables(geometry: PoolingGeometry, countPadding: boolean): Lowering['steps'][0]['arguments'] {
  const { rows, columns } = windowExtents(geometry);
  return [rows, columns].map((extents) => ({
    from: 'table',
    upload: {
      layout: { kind: 'texels', columns: extents.length, rows: 1 },
      data: Float32Array.from(
        extents.flatMap((extent) => [extent.first, extent.end, weightOf(extent, countPadding), 0]),
      ),
    },
  }));
}

export const poolingKernels: GpuOperator<Required<PoolingAttributes>> = { obvious, fast };
