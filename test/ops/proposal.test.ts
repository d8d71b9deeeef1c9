import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { proposal, type ProposalAttributes, proposalOperator } from '../../src/ops/index.ts';
import { compare, readSafetensors, tensor, type Tensor, zeros } from '../../src/tensor/index.ts';
import { hasShared, shared } from '../shared.ts';
import { checkOp } from '../../src/testing/index.ts';
import { proposalCases, proposalOracle } from './proposal-oracle.ts';

checkOp(proposalOperator, proposalCases(1), {
  oracle: proposalOracle,
  tolerance: { float32: 0, float64: 0 },
  skip: { gradient: 'a choice passes no gradient' },
});

/** One 16 x 16 anchor at each of W cells in a row. */
const one: ProposalAttributes = { scales: [1], ratios: [1], minSize: 0, postNms: 3 };

function row(objectness: readonly number[], deltas: Tensor, info: readonly number[], attributes = one) {
  const W = objectness.length;
  const probabilities = tensor([1, 2, 1, W], [...objectness.map((p) => 1 - p), ...objectness]);
  const { rois, scores } = proposal(probabilities, deltas, tensor([1, 3], info), attributes);
  const boxes = Array.from({ length: rois.shape[0]! }, (_, i) => [...rois.data.subarray(5 * i, 5 * i + 5)]);
  return { boxes, scores: [...scores.data] };
}

describe.skipIf(!hasShared)('the stored frames', () => {
  test.each([
    ['full', 0, [562, 1000, 0.78125]],
    ['full', 1, [562, 1000, 0.78125]],
    ['small', 0, [141, 250, 0.1953125]],
    ['small', 1, [141, 250, 0.1953125]],
  ])('%s frame %i gets the 300 regions that MXNet chose', (file, frame, info) => {
    const path = shared(`goldens/networks/narrow/${file}.safetensors`);
    const golden = readSafetensors(readFileSync(path), file);
    const stored = (name: string): Tensor => golden.get(`frame00000${frame}/${name}_output`)!;
    const deltas = golden.get(`frame00000${frame}/custom0_out_bbox_pred`)!;
    const attributes = { scales: [8, 16, 32], minSize: 0 };
    const { rois } = proposal(stored('rpn_cls_prob_reshape'), deltas, tensor([1, 3], info), attributes);
    expect(compare(rois, stored('rois')).absolute).toBeLessThan(1e-3); // pixels; another box would be far away
  });
});

describe('proposal', () => {
  test('lists boxes by score, equal scores by cell', () => {
    const { boxes, scores } = row([0.25, 0.75, 0.75], zeros([1, 4, 1, 3]), [16, 48, 1]);
    expect(boxes).toEqual([
      [0, 16, 0, 31, 15],
      [0, 32, 0, 47, 15],
      [0, 0, 0, 15, 15],
    ]);
    expect(scores).toEqual([0.75, 0.75, 0.25]);
  });

  test('ranks cells of a last partial column behind all others, with score -1', () => {
    const { boxes, scores } = row([0.25, 0.5, 0.75], zeros([1, 4, 1, 3]), [16, 47, 1]);
    expect(scores).toEqual([0.5, 0.25, -1]);
    expect(boxes[2]).toEqual([0, 32, 0, 46, 15]);
  });

  test('disables everything when the image is lower than one cell', () => {
    expect(row([0.25, 0.5, 0.75], zeros([1, 4, 1, 3]), [15, 48, 1]).scores).toEqual([-1, -1, -1]);
  });

  test('repeats the survivors from the first when too few are left', () => {
    const { scores } = row([0.5, 0.75], zeros([1, 4, 1, 2]), [16, 32, 1], { ...one, postNms: 5 });
    expect(scores).toEqual([0.75, 0.5, 0.75, 0.5, 0.75]);
  });

  test('grows small boxes by half of the least size on each side, and gives them -1', () => {
    const { boxes, scores } = row([0.5], zeros([1, 4, 1, 1]), [16, 16, 1.5], {
      ...one,
      postNms: 1,
      minSize: 12,
    });
    expect(boxes).toEqual([[0, -9, -9, 24, 24]]);
    expect(scores).toEqual([-1]);
  });

  test('shows a NaN correction and a NaN score instead of hiding them', () => {
    const deltas = tensor([1, 4, 1, 2], [NaN, 0, 0, 0, 0, 0, 0, 0]);
    const { boxes, scores } = row([NaN, 0.5], deltas, [16, 32, 1], { ...one, postNms: 2 });
    expect(boxes).toEqual([
      [0, NaN, 0, NaN, 15],
      [0, 16, 0, 31, 15],
    ]);
    expect(scores).toEqual([NaN, 0.5]);
  });

  test.each<[string, number[], number[], number[], ProposalAttributes, string]>([
    [
      'probabilities for other anchors',
      [1, 18, 2, 2],
      [1, 36, 2, 2],
      [1, 3],
      {},
      'proposal: cls_prob has 18 channels, expected 24 (background and object for 3 ratios x 4 scales); set ratios and scales to those of the network',
    ],
    [
      'two images',
      [2, 2, 2, 2],
      [2, 4, 2, 2],
      [2, 3],
      one,
      'cls_prob has 2 images, expected 1 (cls_prob 2x2x2x2); use multi',
    ],
    [
      'corrections of another size',
      [1, 2, 2, 2],
      [1, 4, 2, 3],
      [1, 3],
      one,
      'bbox_pred is 1x4x2x3, expected 1x4x2x2; four',
    ],
    [
      'image sizes without a scale',
      [1, 2, 2, 2],
      [1, 4, 2, 2],
      [1, 2],
      one,
      'im_info is 1x2, expected 1x3; height, width',
    ],
    ['a map without cells', [1, 2, 0, 2], [1, 4, 0, 2], [1, 3], one, 'cls_prob is 1x2x0x2, without a cell'],
    ['no rows', [1, 2, 2, 2], [1, 4, 2, 2], [1, 3], { ...one, postNms: 0 }, 'postNms is 0, expected'],
    [
      'a threshold of 7',
      [1, 2, 2, 2],
      [1, 4, 2, 2],
      [1, 3],
      { ...one, threshold: 7 },
      'threshold is 7, expected',
    ],
    [
      'a negative size',
      [1, 2, 2, 2],
      [1, 4, 2, 2],
      [1, 3],
      { ...one, minSize: -1 },
      'minSize is -1, expected',
    ],
  ])('refuses %s', (_, probabilities, deltas, info, attributes, message) => {
    expect(() => proposal(zeros(probabilities), zeros(deltas), zeros(info), attributes)).toThrow(message);
  });
});
