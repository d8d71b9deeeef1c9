import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  boxAnnotatorOhem,
  type BoxAnnotatorOhemAttributes,
  boxAnnotatorOhemOperator,
  regionLosses,
} from '../../src/ops/index.ts';
import { type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { hasShared } from '../shared.ts';
import { at, build, checkOp, type OperatorCase, values } from '../../src/testing/index.ts';
import { stored } from './training-goldens.ts';

/** One region's loss, by logarithms: ln Σ e^(s − s[label]), and Huber's form of the box loss. */
function lossOf([scores, pred, labels, targets, weights]: readonly Tensor[], r: number): number {
  const [, K = 0] = scores!.shape;
  const label = at(labels!, r);
  let loss = 0;
  // A label that is no class has no classification loss.
  if (label >= 0 && label < K) {
    let sum = 0;
    for (let k = 0; k < K; k++) sum += Math.exp(at(scores!, r, k) - at(scores!, r, label));
    loss = Math.log(sum);
  }
  for (let j = 0; j < pred!.shape[1]!; j++) {
    const gap = Math.abs(at(pred!, r, j) - at(targets!, r, j));
    const near = Math.min(gap, 1);
    loss += at(weights!, r, j) * (0.5 * near * near + (gap - near));
  }
  return loss;
}

const cases: fc.Arbitrary<OperatorCase<BoxAnnotatorOhemAttributes>> = fc
  .record({
    R: fc.integer({ min: 1, max: 6 }),
    K: fc.integer({ min: 2, max: 4 }),
    keep: fc.integer({ min: 0, max: 7 }),
  })
  .chain(({ R, K, keep }) => {
    const label = fc.integer({ min: 0, max: K - 1 });
    const labels = fc
      .array(label, { minLength: R, maxLength: R })
      .map((list) => tensor([R], list, 'float64'));
    const inputs = fc.tuple(
      values([R, K]),
      values([R, 8]),
      labels,
      values([R, 8]),
      values([R, 8], { min: 0, max: 1 }),
    );
    return fc.record({ inputs, attributes: fc.constant({ roisPerImage: keep }) });
  })
  // near ties are decided by rounding; exact ones have a test of their own
  .filter(({ inputs }) => {
    const sorted = [...Array(inputs[0].shape[0]).keys()].map((r) => lossOf(inputs, r)).sort((a, b) => a - b);
    return sorted.every((loss, i) => i === 0 || loss - sorted[i - 1]! > 1e-9);
  });

checkOp(boxAnnotatorOhemOperator, cases, {
  skip: { gradient: 'a choice passes no gradient' },
  tolerance: { float32: 0, float64: 0 },
  // A region stays when fewer than `roisPerImage` regions rank before it.
  oracle: (inputs, { roisPerImage }) => {
    const [, , labels, , weights] = inputs;
    const losses = [...labels!.data.keys()].map((r) => lossOf(inputs, r));
    // NaN ranks first; of equal losses the later one.
    const rank = (loss: number): number => (Number.isNaN(loss) ? Infinity : loss);
    const before = (a: number, b: number): boolean =>
      rank(losses[a]!) > rank(losses[b]!) || (rank(losses[a]!) === rank(losses[b]!) && a > b);
    const regions = [...losses.keys()];
    const stays = regions.map((r) => regions.filter((other) => before(other, r)).length < roisPerImage);
    return [
      build(labels!.shape, (r) => (stays[r] ? at(labels!, r) : -1)),
      build(weights!.shape, (r, j) => (stays[r] ? at(weights!, r, j) : 0)),
    ];
  },
});

describe.skipIf(!hasShared)('the stored training steps', () => {
  // Class scores are recovered as ln p. Box predictions are not stored; one coordinate per foreground region is set to
  // make up what the stored loss has beyond the classification. The losses come from a float32 run of the network, the
  // probabilities from a float64 one: they agree to about 2e-5, far less than the gap between ranks 128 and 129.
  test.each(['eq0', 'eq1'])('%s keeps the same 128 regions', (file) => {
    const golden = stored(file);
    const p = golden('out/cls_prob_reshape_output');
    const [, R = 0, K = 0] = p.shape;
    const scores = tensor([R, K], Float32Array.from(p.data, Math.log));
    const [labels, targets] = [golden('in/roi_labels'), golden('in/rcnn_bbox_target')];
    const weights = golden('in/roi_bbox_weights');
    const losses = golden('in/ohem_loss');
    const classification = regionLosses(scores, zeros([R, 8]), labels, zeros([R, 8]), zeros([R, 8]));
    const predictions = tensor([R, 8], targets.data.slice());
    for (let r = 0; r < R; r++) {
      const rest = losses.data[r]! - classification[r]!;
      if (labels.data[r] === 0) expect(Math.abs(rest)).toBeLessThan(1e-4);
      else predictions.data[8 * r + 4]! += rest > 0.5 ? rest + 0.5 : Math.sqrt(2 * Math.max(rest, 0));
    }
    const kept = boxAnnotatorOhem(scores, predictions, labels, targets, weights);
    expect(kept.labels).toEqual(golden('in/labels_ohem'));
    expect(kept.boxWeights).toEqual(golden('in/bbox_weights_ohem'));
    expect(kept.labels.data.filter((label) => label >= 0).length).toBe(128);
  });

  test('the box loss of a kept region is the rest of its stored loss', () => {
    const golden = stored('eq0');
    const boxLoss = [...golden('out/bbox_loss_reshape_output').data];
    const p = golden('out/cls_prob_reshape_output');
    const labels = golden('in/labels_ohem').data;
    labels.forEach((label, r) => {
      if (label < 1) return;
      const box = boxLoss.slice(8 * r, 8 * r + 8).reduce((sum, x) => sum + x, 0);
      expect(box - Math.log(p.data[31 * r + label]!)).toBeCloseTo(golden('in/ohem_loss').data[r]!, 4);
    });
  });
});

describe('boxAnnotatorOhem', () => {
  /** Regions of two classes with the same loss of ln 2. */
  const even = (R: number): Parameters<typeof boxAnnotatorOhem<Tensor>> => [
    zeros([R, 2]),
    zeros([R, 4]),
    tensor([R], Array(R).fill(1)),
    zeros([R, 4]),
    tensor([R, 4], Array(4 * R).fill(1)),
  ];

  test('keeps the highest indices among equal losses', () => {
    const [scores, pred, labels, targets, weights] = even(3);
    const kept = boxAnnotatorOhem(scores, pred, labels, targets, weights, { roisPerImage: 2 });
    expect([...kept.labels.data]).toEqual([-1, 1, 1]);
  });

  test('keeps everything when there are 128 regions or fewer', () => {
    const [scores, pred, labels, targets, weights] = even(128);
    const kept = boxAnnotatorOhem(scores, pred, labels, targets, weights);
    expect(kept.labels).toEqual(labels);
    expect(kept.boxWeights).toEqual(weights);
  });

  test('keeps a region with a NaN score first', () => {
    const [scores, pred, labels, targets, weights] = even(3);
    scores.data[0] = NaN;
    const kept = boxAnnotatorOhem(scores, pred, labels, targets, weights, { roisPerImage: 1 });
    expect([...kept.labels.data]).toEqual([1, -1, -1]);
  });

  test('caps the classification loss of a hopeless score at -ln 1e-14', () => {
    const [, pred, , targets, weights] = even(1);
    const [loss] = regionLosses(tensor([1, 2], [1000, 0]), pred, tensor([1], [1]), targets, weights);
    expect(loss).toBe(-Math.log(1e-14));
  });

  test('counts no classification loss for a label that is no class', () => {
    const [scores, pred, , targets, weights] = even(2);
    expect([...regionLosses(scores, pred, tensor([2], [-1, 2]), targets, weights)]).toEqual([0, 0]);
  });

  test('adds the weighted box losses of a region: ½ d² up to a pixel, |d| − ½ beyond', () => {
    const noClass = tensor([2], [-1, -1]);
    const pred = tensor([2, 4], [0.5, 4, -3, 9, 1, -1, 0.5, 2]);
    const targets = tensor([2, 4], [0, 1, 0, 0, 0, 0, 1, 2.25]);
    const weights = tensor([2, 4], [1, 2, 1, 0, 1, 1, 4, 1]);
    const box = [0.125 + 2 * 2.5 + 2.5, 0.5 + 0.5 + 4 * 0.125 + 0.03125];
    expect([...regionLosses(zeros([2, 3]), pred, noClass, targets, weights)]).toEqual(box);
  });

  test('takes the class of a label without its fraction', () => {
    const boxes = zeros([3, 0]);
    const scores = tensor([3, 2], [0, Math.log(3), 0, Math.log(3), 0, Math.log(3)]);
    const losses = regionLosses(scores, boxes, tensor([3], [0.75, -0.75, 1.75]), boxes, boxes);
    [Math.log(4), Math.log(4), Math.log(4 / 3)].forEach((loss, r) => expect(losses[r]).toBeCloseTo(loss, 6));
  });

  test('has a loss for scores whose exponentials overflow', () => {
    const boxes = zeros([1, 0]);
    const [loss] = regionLosses(tensor([1, 2], [1000, 0]), boxes, tensor([1], [0]), boxes, boxes);
    expect(loss).toBeCloseTo(0, 12);
  });

  test.each<[string, number[], number[], number[], number[], number[], number, string]>([
    ['boxes of one axis', [3, 2], [3], [3], [3], [3], 1, 'bbox_pred is 3, expected 3x0; a row per region'],
    [
      'other labels',
      [3, 2],
      [3, 4],
      [2],
      [3, 4],
      [3, 4],
      1,
      'boxAnnotatorOhem: labels is 2, expected 3; one per region',
    ],
    [
      'other rows of boxes',
      [3, 2],
      [2, 4],
      [3],
      [2, 4],
      [2, 4],
      1,
      'bbox_pred is 2x4, expected 3x4; a row per region',
    ],
    ['other targets', [3, 2], [3, 4], [3], [3, 8], [3, 4], 1, 'bbox_targets is 3x8, expected 3x4'],
    ['other weights', [3, 2], [3, 4], [3], [3, 4], [3, 8], 1, 'bbox_weights is 3x8, expected 3x4'],
    [
      'scores of three axes',
      [1, 3, 2],
      [3, 4],
      [3],
      [3, 4],
      [3, 4],
      1,
      'cls_score is 1x3x2, expected two axes',
    ],
    [
      'half a region',
      [3, 2],
      [3, 4],
      [3],
      [3, 4],
      [3, 4],
      0.5,
      'roisPerImage is 0.5, expected a whole number',
    ],
  ])('refuses %s', (_, scores, pred, labels, targets, weights, roisPerImage, message) => {
    expect(() =>
      boxAnnotatorOhem(zeros(scores), zeros(pred), zeros(labels), zeros(targets), zeros(weights), {
        roisPerImage,
      }),
    ).toThrow(message);
  });
});
