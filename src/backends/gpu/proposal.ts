/**
 * proposal and multiProposal on the device: decode, rank, suppress, choose; nothing comes back between the steps but
 * im_info. Graphics cards are slow at it: ranking and suppression are long chains of small steps, for which a processor
 * needs a fraction of a second. So fast plans leave it to the reference.
 *
 * The regions are those of the reference, in their order, in modes webasm and cpu. In webgl2 and webgpu corners differ by
 * up to 1e-3 pixels, since e^x does, and a region may be another one where that decides: where an overlap is as near to
 * the threshold, or a side to `minSize`.
 *
 * Letters  N images, A anchors a cell, H × W map, C = candidates, K = regions an image
 */
import { baseAnchors, type ProposalAttributes } from '../../ops/index.ts';
import type { Argument, GpuOperator, KernelSpec, Lowering, NodeView, Step } from './kernel.ts';
import { suppressionSteps } from './non-maximum-suppression.ts';
import { plainInput, plainKernel, plainTable } from './plain-kernel.ts';
import { decode, enlarge, imageTable, objectness } from './proposal-boxes.ts';
import { order, rank } from './score-order.ts';
import type { Planes, Thread } from './thread.ts';

/** Corners of the candidates by rank: plane 4·n + k, column r is corner k of the candidate of rank r. */
function ranked(this: Thread<'A' | 'W'>, ranks: Planes, corners: Planes): number {
  const n = Math.floor((this.thread.z + 0.5) / 4);
  const candidate = ranks[n]![0]![this.thread.x]!;
  const cell = Math.floor((candidate + 0.5) / this.constants.A);
  const a = candidate - cell * this.constants.A;
  const y = Math.floor((cell + 0.5) / this.constants.W);
  const plane = (n * this.constants.A + a) * 4 + this.thread.z - n * 4;
  return corners[plane]![y]![cell - y * this.constants.W]!;
}

/** The rank of the region of each row: that of survivor k mod count. */
function choose(this: Thread<'C'>, dropped: Planes): number {
  let count = 0;
  for (let i = 0; i < this.constants.C; i++) count += 1 - dropped[this.thread.z]![0]![i]!;
  const survivor = this.thread.x - Math.floor((this.thread.x + 0.5) / count) * count;
  let passed = 0;
  let chosen = 0;
  for (let i = 0; i < this.constants.C; i++) {
    if (passed === survivor && dropped[this.thread.z]![0]![i]! < 1) chosen = i;
    passed += 1 - dropped[this.thread.z]![0]![i]!;
  }
  return chosen;
}

/** Rows (n, x1, y1, x2, y2). */
function regions(this: Thread<'K'>, chosen: Planes, boxes: Planes): number {
  const n = Math.floor((this.thread.y + 0.5) / this.constants.K);
  const k = this.thread.y - n * this.constants.K;
  if (this.thread.x < 1) return n;
  const r = chosen[n]![0]![k]!;
  return boxes[n * 4 + this.thread.x - 1]![0]![r]!;
}

/** The score of each row. */
function scoresOf(this: Thread<'A' | 'W' | 'K'>, chosen: Planes, ranks: Planes, scores: Planes): number {
  const n = Math.floor((this.thread.y + 0.5) / this.constants.K);
  const k = this.thread.y - n * this.constants.K;
  const r = chosen[n]![0]![k]!;
  const candidate = ranks[n]![0]![r]!;
  const cell = Math.floor((candidate + 0.5) / this.constants.A);
  const a = candidate - cell * this.constants.A;
  const y = Math.floor((cell + 0.5) / this.constants.W);
  return scores[n * this.constants.A + a]![y]![cell - y * this.constants.W]!;
}

/** The largest float32. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

type Attributes = Required<ProposalAttributes>;

function obvious({ inputs, outputs, attributes }: NodeView<Attributes>): Lowering {
  const [N, channels, H, W] = inputs[0] as readonly [number, number, number, number];
  const { featureStride: stride, preNms, postNms: K, threshold, minSize } = attributes;
  const A = channels / 2;
  const all = H * W * A;
  const C = preNms > 0 ? Math.min(preNms, all) : all;
  const steps: Step[] = [];
  const launch = (spec: KernelSpec, ...args: readonly Argument[]): Argument => {
    steps.push({ spec, arguments: args });
    return { from: 'step', index: steps.length - 1 };
  };
  const anchors = plainTable([A, 4], baseAnchors(attributes).data);
  const images = imageTable(2, stride, minSize);
  const [probabilities, deltas] = [plainInput(0), plainInput(1)];
  const cornerMaps = [N * 4 * A, H, W];
  const scoreMaps = [N * A, H, W];

  const decoded = launch(plainKernel('decode', decode, { A, stride }, cornerMaps), anchors, deltas, images);
  const scores = launch(
    plainKernel('objectness', objectness, { A }, scoreMaps),
    probabilities,
    decoded,
    images,
  );
  const corners = launch(plainKernel('enlarge', enlarge, { A }, cornerMaps), decoded, images);
  const places = launch(plainKernel('rank', rank, { A, H, W, largest: LARGEST }, scoreMaps), scores);
  const ranks = launch(plainKernel('order', order, { A, H, W }, [N, 1, C]), places);
  const boxes = launch(plainKernel('ranked', ranked, { A, W }, [4 * N, 1, C]), ranks, corners);
  steps.push(...suppressionSteps(boxes, steps.length, { N, C, threshold, convention: 'inclusive' }));
  const dropped: Argument = { from: 'step', index: steps.length - 1 };
  const chosen = launch(plainKernel('choose', choose, { C }, [N, 1, K]), dropped);
  launch(plainKernel('regions', regions, { K }, outputs[0]!), chosen, boxes);
  launch(plainKernel('scores', scoresOf, { A, W, K }, outputs[1]!), chosen, ranks, scores);
  return { steps, outputs: [steps.length - 2, steps.length - 1] };
}

export const proposalKernels: GpuOperator<Attributes> = {
  obvious,
  onHost: 'a chain of small decisions',
};

export const multiProposalKernels: GpuOperator<Attributes> = proposalKernels;
