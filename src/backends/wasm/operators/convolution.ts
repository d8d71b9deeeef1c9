/**
 * convolution and fusedConvolution: products over a table of taps, or Winograd's way where that is faster.
 *
 * The input goes into a frame of zeros where there is padding; then the input value of tap (i, j) lies a constant number of
 * bytes from that of tap (0, 0), for all output pixels, and the table holds these distances for each tap of each block of
 * input channels. A 1×1 layer with stride 1 reads its input where it is, as one long row.
 *
 * Inputs of fewer than eight channels stay planar, with a table entry for each channel and row of taps, which read floats
 * that lie side by side (for each tap, where they are dilated). Groups of whole blocks are
 * layers of their own; other groups are computed as if they were one, with zeros among the weights.
 *
 * Letters  N images, C input channels, O filters, H × W input, I × J taps, P × Q output
 */
import { type ConvolutionGeometry, convolutionGeometry, type WindowAttributes } from '../../../ops/index.ts';
import { type Address, at } from '../kernel.ts';
import { BLOCK, blocksOf, PIXEL_BYTES } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';
import { chooseWinograd } from './choose-convolution.ts';
import { biasOf, frameInput, packWeights, type WeightOrder } from './convolution-parts.ts';
import { lowerProducts } from './products.ts';
import { lowerWinograd } from './winograd.ts';
import { convolutionLayer } from './winograd-layer.ts';

export function lowerConvolution(lowering: NodeLowering): void {
  const { inputs, node } = lowering;
  const attributes = node.attributes as unknown as Required<WindowAttributes> & { slope?: number };
  const geometry = convolutionGeometry(node.operator, inputs[0]!, inputs[1]!, attributes);
  const slope = attributes.slope ?? 1;
  const winograd = chooseWinograd(convolutionLayer(geometry), directCost(geometry), lowering.tuning);
  if (winograd) lowerWinograd(lowering, winograd, slope);
  else lowerDirect(lowering, geometry, slope);
}

/** What the direct way costs, channels filled up to whole blocks. */
function directCost({ N, C, O, I, J, P, Q }: ConvolutionGeometry): { multiplyAdds: number; weights: number } {
  const weights = blocksOf(C) * BLOCK * blocksOf(O) * BLOCK * I * J;
  return { multiplyAdds: weights * N * P * Q, weights };
}

/** How weights of a convolution lie: O × C × taps. */
function weightOrder({ O, C, I, J, groups, groupC, groupO }: ConvolutionGeometry): WeightOrder {
  const taps = I * J;
  const isSplit = groups > 1 && groupC % BLOCK === 0 && groupO % BLOCK === 0;
  const expand = { filters: O, groupFilters: groupO, size: groupC * taps, expandedSize: C * taps };
  return {
    outputs: O,
    inputs: isSplit ? groupC : C,
    outputStride: (isSplit ? groupC : C) * taps,
    inputStride: taps,
    taps: Array.from({ length: taps }, (_, tap) => tap),
    expand: groups > 1 && !isSplit ? expand : undefined,
  };
}

function lowerDirect(lowering: NodeLowering, geometry: ConvolutionGeometry, slope: number): void {
  const { N, C, O, I, J, P, Q, H, W, groups, strideY, strideX, padY, padX, dilationY, dilationX } = geometry;
  const isPlanar = C < BLOCK;
  const input = frameInput(lowering, geometry, isPlanar);
  const isRow = I * J === 1 && strideY * strideX === 1 && padY + padX === 0;
  const [rows, columns] = isRow ? [1, H * W] : [P, Q];
  const order = weightOrder(geometry);
  const parts = C / order.inputs === groups ? groups : 1;
  const planes = isPlanar ? C : blocksOf(order.inputs);
  const depth = isPlanar ? (dilationX === 1 ? J : 1) : BLOCK;
  const columnsOfTaps = isPlanar && dilationX === 1 ? 1 : J;
  const table = Array.from({ length: planes }, (_, plane) =>
    Array.from({ length: I * columnsOfTaps }, (_none, tap) => {
      const [i, j] = [Math.floor(tap / columnsOfTaps), tap % columnsOfTaps];
      return plane * input.planeBytes + i * dilationY * input.rowBytes + j * dilationX * input.pixelBytes;
    }),
  ).flat();
  const tableAddress = lowering.constant(Int32Array.from(table));
  const weights = packWeights(lowering, 1, order, isPlanar ? 1 : BLOCK);
  const bias = biasOf(lowering, O);
  const residual = lowering.node.inputs.length > 3 ? lowering.input(3, 'blocks') : undefined;
  const output = lowering.output(0, 'blocks');
  const blocks = blocksOf(O) / parts;
  for (let part = 0; part < parts; part++) {
    /** Where this part's own begins, with so many bytes for each. */
    const own = (address: Address, bytes: number): Address => at(address, part * bytes);
    const outputBytes = blocks * P * Q * PIXEL_BYTES;
    lowerProducts(lowering, {
      images: N,
      rows,
      columns,
      blocks,
      depth,
      table: tableAddress,
      entries: table.length,
      input: own(input.address, planes * input.planeBytes),
      inputImage: input.imageBytes,
      inputRow: strideY * input.rowBytes,
      inputStep: strideX * input.pixelBytes,
      weights: own(weights, blocks * table.length * depth * PIXEL_BYTES),
      output: own(output, outputBytes),
      outputImage: parts * outputBytes,
      outputBlock: P * Q * PIXEL_BYTES,
      outputRow: Q * PIXEL_BYTES,
      outputStep: PIXEL_BYTES,
      bias: own(bias, blocks * PIXEL_BYTES),
      ...(residual && { residual: own(residual, outputBytes) }),
      slope,
    });
  }
  lowering.choose(`direct ${I}x${J}`);
}
