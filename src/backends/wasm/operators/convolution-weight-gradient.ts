/**
 * convolutionWeightGradient: see `kernels/weight-gradient.ts`.
 *
 * Letters  N images, C input channels, O filters, I × J taps
 */
import { convolutionGeometry, type ConvolutionWeightGradientAttributes, pair } from '../../../ops/index.ts';
import { weightGradientKernel } from '../kernels/weight-gradient.ts';
import { blocksOf } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';
import { frameInput } from './convolution-parts.ts';

export function lowerConvolutionWeightGradient(lowering: NodeLowering): void {
  const { inputs, outputs, node } = lowering;
  const attributes = node.attributes as unknown as Required<ConvolutionWeightGradientAttributes>;
  const geometry = convolutionGeometry(node.operator, inputs[0]!, outputs[0]!, attributes);
  const { N, C, O, J, P, Q, groupC, groupO, strideY, strideX, dilationY, dilationX } = geometry;
  const data = frameInput(lowering, geometry, false);
  const [rows, columns] = pair(attributes.kernel);
  const taps = Array.from({ length: rows * columns }, (_, tap) => {
    const [i, j] = [Math.floor(tap / J), tap % J];
    return i * dilationY * data.rowBytes + j * dilationX * data.pixelBytes;
  });
  lowering.step(weightGradientKernel, taps.length * blocksOf(C) * blocksOf(O), {
    data: data.address,
    dataImage: data.imageBytes,
    dataBlock: data.planeBytes,
    dataRow: strideY * data.rowBytes,
    dataStep: strideX * data.pixelBytes,
    taps: lowering.constant(Int32Array.from(taps)),
    tapCount: taps.length,
    head: lowering.input(1, 'blocks'),
    output: lowering.output(0, 'planar'),
    images: N,
    rows: P,
    columns: Q,
    inputs: C,
    outputs: O,
    groupInputs: groupC,
    groupOutputs: groupO,
  });
}
