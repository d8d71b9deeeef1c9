/**
 * deconvolution and fusedDeconvolution: stride × stride phases, each a convolution; all together by Winograd's filtering
 * where that is faster.
 *
 * Output pixel y of the window gets input row h through tap i where  y + offset + pad − i · dilation = stride · h.  The
 * pixels y = stride · q + phase of one phase therefore use the same taps, at rows h = q + a distance that is constant for
 * each tap: a table. They are written with steps of `stride` pixels between them. What the window does not show is not
 * computed.
 *
 * Letters  N images, C input channels, O output channels, H × W input, I × J taps, P × Q window
 */
import { type DeconvolutionAttributes, type FusedDeconvolutionAttributes, pair } from '../../../ops/index.ts';
import type { Shape } from '../../../tensor/shape.ts';
import { at } from '../kernel.ts';
import { BLOCK, blocksOf, PIXEL_BYTES } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';
import { chooseWinograd } from './choose-convolution.ts';
import { biasOf, frameInput, packWeights } from './convolution-parts.ts';
import { lowerProducts } from './products.ts';
import { lowerWinograd } from './winograd.ts';
import type { WinogradLayer } from './winograd-layer.ts';

/** Those of both operators: what only the fused one has may be missing. */
type Attributes = Required<DeconvolutionAttributes> & Pick<FusedDeconvolutionAttributes, 'offset' | 'slope'>;

/** A tap of a phase: which one, and how far from the output pixel's own input pixel. */
interface Tap {
  readonly tap: number;
  readonly distance: number;
}

/** The output rows (or columns) that use the same taps. */
interface Phase {
  readonly first: number;
  readonly count: number;
  readonly taps: readonly Tap[];
}

/** A deconvolution, its window and its phases. */
interface Geometry {
  readonly N: number;
  readonly C: number;
  readonly O: number;
  readonly H: number;
  readonly W: number;
  readonly I: number;
  readonly J: number;
  readonly P: number;
  readonly Q: number;
  readonly groups: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly rows: readonly Phase[];
  readonly columns: readonly Phase[];
}

export function lowerDeconvolution(lowering: NodeLowering): void {
  const { inputs, outputs, node, tuning } = lowering;
  const attributes = node.attributes as unknown as Attributes;
  const { groups, slope = 1 } = attributes;
  const [N, C, H, W] = inputs[0] as Quadruple;
  const [, , I, J] = inputs[1] as Quadruple;
  const [, O, P, Q] = outputs[0] as Quadruple;
  const [rows, columns] = [phasesOf(attributes, 0, I, P), phasesOf(attributes, 1, J, Q)];
  const [strideY, strideX] = pair(attributes.stride);
  const geometry = { N, C, O, H, W, I, J, P, Q, groups, strideY, strideX, rows, columns };
  const winograd = chooseWinograd(deconvolutionLayer(geometry), directCost(geometry), tuning);
  if (winograd) lowerWinograd(lowering, winograd, slope);
  else lowerPhases(lowering, geometry, slope);
}

/** What the phases cost one by one, channels filled up to whole blocks. */
function directCost({ N, C, O, I, J, rows, columns }: Geometry): { multiplyAdds: number; weights: number } {
  const pairs = N * blocksOf(C) * BLOCK * blocksOf(O) * BLOCK;
  const reads = (phases: readonly Phase[]): number =>
    phases.reduce((sum, { count, taps }) => sum + count * taps.length, 0);
  return { multiplyAdds: pairs * reads(rows) * reads(columns), weights: (pairs / N) * I * J };
}

/** As a layer for Winograd, which computes all phases from the same three rows and columns; undefined where it is none. */
function deconvolutionLayer(geometry: Geometry): WinogradLayer | undefined {
  const { C, O, I, J, groups, strideY, strideX, rows, columns } = geometry;
  if (groups > 1 || C < BLOCK || strideY !== strideX) return undefined;
  if (rows.length < strideY || columns.length < strideX) return undefined;
  const [top, left] = [firstDistance(rows), firstDistance(columns)];
  const tapAt = ({ taps }: Phase, distance: number): number =>
    taps.find((tap) => tap.distance === distance)?.tap ?? -1;
  const isWithin = (phases: readonly Phase[], first: number): boolean =>
    phases.every(({ taps }) => taps.every(({ distance }) => distance < first + 3));
  if (!isWithin(rows, top) || !isWithin(columns, left)) return undefined;
  const taps = rows.flatMap((row) =>
    columns.flatMap((column) =>
      Array.from({ length: 9 }, (_, k) => {
        const [i, j] = [tapAt(row, top + Math.floor(k / 3)), tapAt(column, left + (k % 3))];
        return i < 0 || j < 0 ? -1 : i * J + j;
      }),
    ),
  );
  return {
    ...geometry,
    padY: -top,
    padX: -left,
    inputPhases: 1,
    outputPhases: strideY,
    dilation: 1,
    weights: { outputStride: I * J, inputStride: O * I * J, taps },
  };
}

/** The least distance of a tap of any phase. */
function firstDistance(phases: readonly Phase[]): number {
  return Math.min(...phases.flatMap(({ taps }) => taps.map(({ distance }) => distance)));
}

function lowerPhases(lowering: NodeLowering, geometry: Geometry, slope: number): void {
  const { N, C, O, H, W, I, J, P, Q, groups, strideY, strideX, rows, columns } = geometry;
  const [above, below] = reach(rows, H);
  const [left, right] = reach(columns, W);
  const isPlanar = C < BLOCK;
  const input = frameInput(lowering, { N, C, H, W, padY: above, padX: left, below, right }, isPlanar);
  const depth = isPlanar ? 1 : BLOCK;
  const bias = biasOf(lowering, O);
  const output = lowering.output(0, 'blocks');
  const expand = {
    filters: C,
    groupFilters: C / groups,
    size: (O / groups) * I * J,
    expandedSize: O * I * J,
  };
  for (const row of rows) {
    for (const column of columns) {
      const taps = row.taps.flatMap((i) => column.taps.map((j) => ({ i, j })));
      // A phase that no tap reaches is the bias: one tap of zeros.
      const places = taps.length > 0 ? taps.map(({ i, j }) => i.tap * J + j.tap) : [-1];
      const distances = taps.map(
        ({ i, j }) => (i.distance + above) * input.rowBytes + (j.distance + left) * input.pixelBytes,
      );
      const table = Array.from({ length: isPlanar ? C : blocksOf(C) }, (_, plane) =>
        (taps.length > 0 ? distances : [0]).map((distance) => plane * input.planeBytes + distance),
      ).flat();
      const order = {
        outputs: O,
        inputs: C,
        outputStride: I * J,
        inputStride: O * I * J,
        taps: places,
        expand: groups > 1 ? expand : undefined,
      };
      lowerProducts(lowering, {
        images: N,
        rows: row.count,
        columns: column.count,
        blocks: blocksOf(O),
        depth,
        table: lowering.constant(Int32Array.from(table)),
        entries: table.length,
        input: input.address,
        inputImage: input.imageBytes,
        inputRow: input.rowBytes,
        inputStep: input.pixelBytes,
        weights: packWeights(lowering, 1, order, depth),
        output: at(output, (row.first * Q + column.first) * PIXEL_BYTES),
        outputImage: blocksOf(O) * P * Q * PIXEL_BYTES,
        outputBlock: P * Q * PIXEL_BYTES,
        outputRow: strideY * Q * PIXEL_BYTES,
        outputStep: strideX * PIXEL_BYTES,
        bias,
        slope,
      });
    }
  }
  lowering.choose(`${rows.length * columns.length} phases`);
}

type Quadruple = Shape & readonly [number, number, number, number];

/** The phases of an axis of so many taps and output pixels; those without pixels left out. */
function phasesOf(attributes: Attributes, axis: 0 | 1, tapCount: number, size: number): readonly Phase[] {
  const [stride, dilation] = [pair(attributes.stride)[axis], pair(attributes.dilation)[axis]];
  const shift = pair(attributes.offset ?? 0)[axis] + pair(attributes.pad)[axis];
  return Array.from({ length: Math.min(stride, size) }, (_, first) => ({
    first,
    count: Math.ceil((size - first) / stride),
    taps: Array.from({ length: tapCount }, (_none, tap) => ({
      tap,
      distance: (first + shift - tap * dilation) / stride,
    })).filter(({ distance }) => Number.isInteger(distance)),
  }));
}

/** Rows of zeros that the phases read before an input of so many rows, and behind it. */
function reach(phases: readonly Phase[], size: number): readonly [before: number, behind: number] {
  const first = phases.flatMap(({ taps }) => taps.map(({ distance }) => distance));
  const last = phases.flatMap(({ count, taps }) => taps.map(({ distance }) => distance + count - 1));
  const most = Math.max(...phases.map(({ count }) => count - 1), ...last);
  return [Math.max(0, -Math.min(0, ...first)), most - (size - 1)];
}
