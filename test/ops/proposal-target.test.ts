import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  proposalTarget,
  type ProposalTargetAttributes,
  proposalTargetOperator,
} from '../../src/ops/index.ts';
import { type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { hasShared } from '../shared.ts';
import { checkOp, type OperatorCase } from '../../src/testing/index.ts';
import { taggedBoxes } from './regions.ts';
import { stored, table } from './training-goldens.ts';

const cases: fc.Arbitrary<OperatorCase<ProposalTargetAttributes>> = fc.record({
  inputs: fc.tuple(
    taggedBoxes(16, 6, fc.constant(0), 'first'),
    taggedBoxes(16, 3, fc.integer({ min: 1, max: 4 }), 'last'),
  ),
  attributes: fc.record(
    {
      classes: fc.constantFrom(2, 3, 5),
      foregroundOverlap: fc.constantFrom(0.25, 0.5, 1),
      means: fc.constant([0.5, -0.5, 0.25, 0]),
      deviations: fc.constant([0.5, 0.25, 1, 2]),
    },
    { requiredKeys: [] },
  ),
});

const rowsOf = (source: Tensor): number[][] =>
  Array.from({ length: source.shape[0]! }, (_, i) => [...source.data.subarray(5 * i, 5 * i + 5)]);

function overlap(a: readonly number[], b: readonly number[]): number {
  const span = (u: readonly number[], v: readonly number[], axis: number): number =>
    Math.max(0, Math.min(u[axis + 2]!, v[axis + 2]!) - Math.max(u[axis]!, v[axis]!) + 1);
  const both = span(a, b, 0) * span(a, b, 1);
  return both / (span(a, a, 0) * span(a, a, 1) + span(b, b, 0) * span(b, b, 1) - both);
}

checkOp(proposalTargetOperator, cases, {
  skip: { gradient: 'a choice passes no gradient' },
  // Region by region: find its match, then stable-sort foreground before background.
  oracle: ([proposals, truthTable], { classes, foregroundOverlap, means, deviations }) => {
    const truths = rowsOf(truthTable!).map((row) => ({ corners: row.slice(0, 4), label: row[4]! }));
    const regions = [...rowsOf(proposals!), ...truths.map(({ corners }) => [0, ...corners])].map((row) => {
      const corners = row.slice(1);
      const overlaps = truths.map((truth) => overlap(corners, truth.corners) || 0); // NaN overlaps nothing
      const best = Math.max(...overlaps); // −∞ without ground truths
      return { row, corners, match: best >= foregroundOverlap ? truths[overlaps.indexOf(best)] : undefined };
    });
    regions.sort((a, b) => Number(a.match === undefined) - Number(b.match === undefined));
    const [targets, weights] = [[], []] as [number[], number[]];
    for (const { corners, match } of regions) {
      for (let column = 0; column < 4 * classes; column++) {
        const j = column % 4;
        const group = match && (classes === 2 ? 1 : match.label);
        const used = match !== undefined && Math.floor(column / 4) === group;
        weights.push(used ? 1 : 0);
        if (!used) {
          targets.push(0);
          continue;
        }
        const axis = j % 2;
        const size = (box: number[]): number => box[axis + 2]! - box[axis]! + 1;
        const middle = (box: number[]): number => (box[axis + 2]! + box[axis]!) / 2;
        const raw =
          j < 2
            ? (middle(match.corners) - middle(corners)) / size(corners)
            : Math.log(size(match.corners)) - Math.log(size(corners));
        targets.push((raw - means[j]!) / deviations[j]!);
      }
    }
    const R = regions.length;
    return [
      tensor([R, 5], Float64Array.from(regions.flatMap(({ row }) => row))),
      tensor(
        [R],
        Float64Array.from(regions, ({ match }) => match?.label ?? 0),
      ),
      tensor([R, 4 * classes], Float64Array.from(targets)),
      tensor([R, 4 * classes], Float64Array.from(weights)),
    ];
  },
});

describe.skipIf(!hasShared)('the stored training steps', () => {
  test.each(['eq0', 'eq1'])('%s is reproduced to the last bit', (file) => {
    const golden = stored(file);
    const { rois, labels, boxTargets, boxWeights } = proposalTarget(
      golden('in/proposals'),
      table(golden('in/gt_boxes')),
    );
    expect(rois).toEqual(golden('in/rois'));
    expect(labels).toEqual(golden('in/roi_labels'));
    expect(boxTargets).toEqual(golden('in/rcnn_bbox_target'));
    expect(boxWeights).toEqual(golden('in/roi_bbox_weights'));
  });
});

describe('proposalTarget', () => {
  const truth = tensor([1, 5], [0, 0, 9, 9, 7]);

  test('counts a region that overlaps by exactly the limit as foreground', () => {
    const half = tensor([1, 5], [0, 0, 0, 9, 4]); // 50 of 100 pixels
    expect([...proposalTarget(half, truth).labels.data]).toEqual([7, 7]);
    expect([...proposalTarget(half, truth, { foregroundOverlap: 0.51 }).labels.data]).toEqual([7, 0]);
  });

  test('makes everything background without ground truths', () => {
    const { rois, labels } = proposalTarget(tensor([1, 5], [0, 1, 2, 3, 4]), zeros([0, 5]));
    expect([...rois.data]).toEqual([0, 1, 2, 3, 4]);
    expect([...labels.data]).toEqual([0]);
  });

  test('leaves out the box of a class that has no columns', () => {
    const { boxWeights } = proposalTarget(zeros([0, 5]), truth, { classes: 3 });
    expect([...boxWeights.data]).toEqual(Array(12).fill(0));
    const background = tensor([1, 5], [0, 0, 9, 9, 0]);
    expect(proposalTarget(zeros([0, 5]), background, { classes: 3 }).boxWeights).toEqual(boxWeights);
  });

  test('takes the columns of a class without its fraction', () => {
    const { boxWeights } = proposalTarget(zeros([0, 5]), tensor([1, 5], [0, 0, 9, 9, 1.75]), { classes: 3 });
    expect([...boxWeights.data]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0]);
  });

  test.each<[string, number[], number[], ProposalTargetAttributes, string]>([
    [
      'ground truths without a class',
      [2, 5],
      [1, 4],
      {},
      'proposalTarget: gt_boxes is 1x4, expected rows of (x1, y1, x2, y2, class)',
    ],
    ['ground truths of a batch', [2, 5], [1, 1, 5], {}, 'gt_boxes is 1x1x5, expected rows'],
    ['regions of four columns', [2, 4], [1, 5], {}, 'rois is 2x4, expected rows of (image, x1, y1, x2, y2)'],
    ['one class', [2, 5], [1, 5], { classes: 1 }, 'classes is 1, expected'],
    [
      'an overlap of 50',
      [2, 5],
      [1, 5],
      { foregroundOverlap: 50 },
      'foregroundOverlap is 50, expected an overlap',
    ],
    ['two deviations', [2, 5], [1, 5], { deviations: [1, 1] }, 'deviations is [1, 1], expected four'],
  ])('refuses %s', (_, rois, truths, attributes, message) => {
    expect(() => proposalTarget(zeros(rois), zeros(truths), attributes)).toThrow(message);
  });
});
