import { describe, expect, test } from 'vitest';
import { type AnchorTargetOptions, anchorTargets } from '../../src/ops/index.ts';
import { tensor, zeros } from '../../src/tensor/index.ts';
import { hasShared } from '../shared.ts';
import { stored, table } from './training-goldens.ts';

describe.skipIf(!hasShared)('the stored anchor targets', () => {
  test.each([
    ['eq0', 'in/', 9, 16],
    ['eq1', 'in/', 9, 16],
    ['anchors-full', '', 36, 63],
  ])('of %s are reproduced to the last bit', (file, folder, height, width) => {
    const golden = stored(file);
    const truths = table(golden(`${folder}gt_boxes`));
    const { label, bboxTarget, bboxWeight } = anchorTargets(
      height,
      width,
      golden(`${folder}im_info`),
      truths,
    );
    expect([...label.data]).toEqual([...golden(`${folder}label`).data]);
    expect([...bboxTarget.data]).toEqual([...golden(`${folder}bbox_target`).data]);
    expect([...bboxWeight.data]).toEqual([...golden(`${folder}bbox_weight`).data]);
  });
});

/** One 16 x 16 anchor at each cell of a 1 x 4 map over an image of 16 x 64, so that all are inside. */
const options: AnchorTargetOptions = { scales: [1], ratios: [1] };
const imInfo = tensor([1, 3], [16, 64, 1]);
const labels = (truths: readonly number[], more: AnchorTargetOptions = {}, info = imInfo): number[] => [
  ...anchorTargets(1, 4, info, tensor([truths.length / 5, 5], truths), { ...options, ...more }).label.data,
];

describe('anchorTargets', () => {
  const onSecond = [16, 0, 31, 15, 1];

  test('labels the anchor on the object 1 and those away from it 0', () => {
    expect(labels(onSecond)).toEqual([0, 1, 0, 0]);
  });

  test('ignores anchors between the two overlaps, unless they are the best of an object', () => {
    const between = [20, 0, 35, 15, 1]; // 12/20 with the second anchor, 4/28 with the third
    expect(labels(between)).toEqual([0, 1, 0, 0]);
    expect(labels([...onSecond, ...between])).toEqual([0, 1, 0, 0]);
    expect(labels([...between, 24, 0, 39, 15, 1])).toEqual([0, 1, 1, 0]); // 8/24 each: a tie, both positive
    expect(labels(onSecond, { negativeOverlap: 0 })).toEqual([-1, 1, -1, -1]);
  });

  test('counts an overlap of exactly the positive limit as object', () => {
    const wide = [14, 0, 45, 15, 1]; // 16/32 with the second anchor, its best, and 14/34 with the third
    expect(labels(wide, { positiveOverlap: 14 / 34 })).toEqual([0, 1, 1, 0]);
    expect(labels(wide, { positiveOverlap: 15 / 34 })).toEqual([0, 1, -1, 0]);
  });

  test('makes every anchor that misses it positive when an object meets none, as the official code does', () => {
    expect(labels([...onSecond, 200, 200, 220, 220, 1])).toEqual([1, 1, 1, 1]);
  });

  test('lets background win where asked to', () => {
    const faint = [0, 0, 3, 3, 1]; // 16/256 with the first anchor, its best
    expect(labels(faint)).toEqual([1, 0, 0, 0]);
    expect(labels(faint, { clobberPositives: true })).toEqual([0, 0, 0, 0]);
  });

  test('labels everything inside background without ground truths', () => {
    expect(labels([])).toEqual([0, 0, 0, 0]);
    const { bboxTarget, bboxWeight } = anchorTargets(1, 4, imInfo, zeros([0, 5]), options);
    expect(bboxTarget).toEqual(zeros([1, 4, 1, 4]));
    expect(bboxWeight).toEqual(zeros([1, 4, 1, 4]));
  });

  test('ignores anchors that reach out of the image, unless a border is allowed', () => {
    const narrow = tensor([1, 3], [16, 60, 1]);
    expect(labels(onSecond, {}, narrow)).toEqual([0, 1, 0, -1]);
    expect(labels(onSecond, { allowedBorder: 4 }, narrow)).toEqual([0, 1, 0, 0]);
    // The last anchor ends at 63, and all of them at 15: by one pixel too far.
    expect(labels(onSecond, {}, tensor([1, 3], [16, 63, 1]))).toEqual([0, 1, 0, -1]);
    expect(labels(onSecond, {}, tensor([1, 3], [15, 64, 1]))).toEqual([-1, -1, -1, -1]);
  });

  test('drops the highest indices of too many, or those not chosen', () => {
    const everywhere = [0, 16, 32, 48].flatMap((x) => [x, 0, x + 15, 15, 1]);
    expect(labels(everywhere, { batch: 4 })).toEqual([1, 1, -1, -1]);
    expect(labels(onSecond, { batch: 3 })).toEqual([0, 1, 0, -1]);
    const last = (anchors: readonly number[], keep: number): readonly number[] => anchors.slice(-keep);
    expect(labels(onSecond, { batch: 3, choose: last })).toEqual([-1, 1, 0, 0]);
    // Half of 3 is 1 positive; the other two places are for background, of which there is none.
    expect(labels(everywhere, { batch: 3 })).toEqual([1, -1, -1, -1]);
    expect(labels(onSecond, { batch: 0 })).toEqual([-1, -1, -1, -1]);
  });

  test('asks nobody to choose where all of them may stay', () => {
    expect(labels(onSecond, { batch: 4, positiveFraction: 0.25, choose: () => [] })).toEqual([0, 1, 0, 0]);
  });

  test('normalises targets by means and deviations, for inside anchors only, with weights for positives', () => {
    const truth = tensor([1, 5], [20, 0, 35, 15, 1]); // a quarter of a width to the right of the second anchor
    const means = [0.25, 1, 0, 0];
    const deviations = [0.5, 2, 1, 1];
    const narrow = tensor([1, 3], [16, 60, 1]);
    const { bboxTarget, bboxWeight } = anchorTargets(1, 4, narrow, truth, { ...options, means, deviations });
    expect(bboxTarget.shape).toEqual([1, 4, 1, 4]);
    expect([...bboxTarget.data]).toEqual([2, 0, -2, 0, -0.5, -0.5, -0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...bboxWeight.data]).toEqual([0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0]);
  });

  test('refuses tables of other columns and maps without cells', () => {
    expect(() => anchorTargets(1, 4, zeros([1, 2]), zeros([1, 5]))).toThrow(
      'anchorTargets: im_info is 1x2, expected rows of (height, width, scale)',
    );
    expect(() => anchorTargets(1, 4, imInfo, zeros([1, 1, 5]))).toThrow('gt_boxes is 1x1x5, expected rows');
    expect(() => anchorTargets(0, 4, imInfo, zeros([1, 5]))).toThrow('featureHeight is 0, expected');
    expect(() => anchorTargets(4, 0, imInfo, zeros([1, 5]))).toThrow('featureWidth is 0, expected');
    expect(() => labels(onSecond, { batch: -1 })).toThrow('batch is -1, expected a whole number');
  });
});
