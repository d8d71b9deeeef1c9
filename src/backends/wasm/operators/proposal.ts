/**
 * proposal and multiProposal: candidates of all cells, then, image by image, sorting and suppression.
 *
 * Letters  N images, A anchors a cell, H × W cells, K = postNms rows an image
 */
import { type AnchorAttributes, baseAnchors, type ProposalAttributes } from '../../../ops/index.ts';
import { proposalBoxesKernel } from '../kernels/proposal-boxes.ts';
import { proposeKernel, tableBytes, workBytes } from '../kernels/propose.ts';
import type { NodeLowering } from '../lowering.ts';

export function lowerProposal(lowering: NodeLowering): void {
  const attributes = lowering.node.attributes as unknown as Required<ProposalAttributes> & AnchorAttributes;
  const { featureStride, preNms, postNms, threshold, minSize } = attributes;
  const [N, C, H, W] = lowering.inputs[0] as readonly [number, number, number, number];
  const A = C / 2;
  const count = A * H * W;
  const boxes = lowering.scratch(16 * N * count);
  const [scores, keys] = [lowering.scratch(4 * N * count), lowering.scratch(4 * N * count)];
  lowering.step(proposalBoxesKernel, N * H, {
    scores: lowering.input(0, 'planar'),
    corrections: lowering.input(1, 'planar'),
    imageInfo: lowering.input(2, 'planar'),
    anchors: lowering.constant(baseAnchors(attributes).data as Float32Array),
    minSize: lowering.constant(new Int32Array(Float64Array.of(minSize).buffer)),
    boxes,
    boxScores: scores,
    keys,
    count: A,
    rows: H,
    columns: W,
    stride: featureStride,
  });
  const tables = tableBytes(count, postNms);
  lowering.step(proposeKernel(tables), N, {
    boxes,
    scores,
    keys,
    count,
    candidates: preNms > 0 ? Math.min(preNms, count) : count,
    rows: postNms,
    threshold,
    output: lowering.output(0, 'planar'),
    outputScores: lowering.output(1, 'planar'),
    work: lowering.scratch(N * workBytes(count, postNms)),
  });
}
