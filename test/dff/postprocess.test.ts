import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imagenetVidNames } from '../../src/data/index.ts';
import { type NetworkOutput, postprocess } from '../../src/dff/postprocess.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { hasShared } from '../shared.ts';
import { caseGolden, caseTensors, detectionsGoldens, expectDetections } from './goldens.ts';

describe.skipIf(!hasShared).each(['small', 'full', 'batch', 'frame', 'frame-full'])(
  'the detections of the official code, case %s',
  (name) => {
    test('follow from the stored outputs of the network at both thresholds', () => {
      const { calls, tolerances } = caseGolden(name);
      const tensors = caseTensors(name);
      const goldens = detectionsGoldens(name);
      let compared = 0;
      for (const call of calls) {
        const value = (output: string) => tensors.get(`${call.tensors}${output}`)!;
        const output: NetworkOutput = {
          rois: value('rois_output'),
          scores: value('cls_prob_reshape_output'),
          deltas: value('bbox_pred_reshape_output'),
          imInfo: tensor(
            [call.images.length, 3],
            call.images.flatMap(({ height, width, scale }) => [height, width, scale]),
          ),
        };
        call.images.forEach(({ frame }, image) => {
          const golden = goldens.find((entry) => entry.frame === frame)!;
          expectDetections(postprocess(output, imagenetVidNames, 'demo', image), golden.demo, tolerances);
          const settings = { scoreThreshold: 1e-3, precision: 'float64' } as const;
          const all = postprocess(output, imagenetVidNames, settings, image);
          expectDetections(all, golden.evaluation, tolerances);
          const capped = postprocess(output, imagenetVidNames, { ...settings, maxPerImage: 300 }, image);
          const least = golden.evaluationCap300;
          expect(capped).toEqual(least === null ? all : all.filter(({ score }) => score > least - 1e-7));
          compared++;
        });
      }
      expect(compared).toBe(goldens.length);
    });
  },
);

const names = ['background', 'cat', 'dog'];

/** Regions as they are (no corrections) in an image of 100x100 at scale 0.5. */
function outputOf(rows: readonly { box: number[]; scores: number[] }[]): NetworkOutput {
  return {
    rois: tensor(
      [rows.length, 5],
      rows.flatMap(({ box }) => [0, ...box]),
    ),
    scores: tensor(
      [1, rows.length, 3],
      rows.flatMap(({ scores }) => scores),
    ),
    deltas: tensor([1, rows.length, 8], new Float32Array(rows.length * 8)),
    imInfo: tensor([1, 3], [100, 100, 0.5]),
  };
}

describe('postprocess', () => {
  test('brings boxes back to original pixels and names the classes in order', () => {
    const output = outputOf([
      { box: [10, 10, 19, 19], scores: [0, 0.1, 0.9] },
      { box: [40, 40, 59, 59], scores: [0, 0.8, 0.2] },
    ]);
    expect(postprocess(output, names)).toEqual([
      { label: 1, name: 'cat', score: Math.fround(0.8), box: [80, 80, 118, 118], row: 1 },
      { label: 2, name: 'dog', score: Math.fround(0.9), box: [20, 20, 38, 38], row: 0 },
    ]);
  });

  test('an overlap of exactly the threshold keeps both boxes, as the official rules do', () => {
    const output = outputOf([
      { box: [0, 0, 12, 9], scores: [0, 0.9, 0] },
      { box: [7, 0, 19, 9], scores: [0, 0.8, 0] },
    ]);
    // The overlap is 0.3 in network pixels; dividing by the scale would change it, so the scale is 1 here.
    const imInfo = tensor([1, 3], [100, 100, 1]);
    const count = (nmsThreshold: number) =>
      postprocess({ ...output, imInfo }, names, { nmsThreshold, precision: 'float64' }).length;
    expect(count(0.3)).toBe(2);
    expect(count(0.2999)).toBe(1);
  });

  test('of exactly equal scores the later region comes first', () => {
    const box = [10, 10, 29, 29];
    const output = outputOf([
      { box, scores: [0, 0.9, 0] },
      { box, scores: [0, 0.9, 0] },
    ]);
    expect(postprocess(output, names).map(({ row }) => row)).toEqual([1]);
  });

  test('the cap keeps ties with the last detection that fits', () => {
    const output = outputOf(
      [0.9, 0.8, 0.8, 0.75].map((score, i) => ({ box: [i * 20, 0, i * 20 + 9, 9], scores: [0, score, 0] })),
    );
    const scores = (maxPerImage: number) =>
      postprocess(output, names, { maxPerImage }).map(({ score }) => Math.round(score * 100));
    expect(scores(1)).toEqual([90]);
    expect(scores(2)).toEqual([90, 80, 80]);
    expect(scores(4)).toEqual([90, 80, 80, 75]);
    expect(scores(0)).toEqual([]);
  });

  test('suppressing first and thresholding afterwards gives the same detections', () => {
    const rows = fc.array(
      fc.record({
        box: fc
          .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }), fc.nat(39), fc.nat(39))
          .map(([x, y, w, h]) => [x, y, x + w, y + h]),
        scores: fc
          .tuple(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(0))
          .map((s) => [...s]),
      }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(rows, (list) => {
        const output = outputOf(list);
        const all = postprocess(output, names, { scoreThreshold: -1 });
        const afterwards = all.filter(({ label, score }) => label === 1 && score > 0.7);
        expect(postprocess(output, names)).toEqual(afterwards);
      }),
    );
  });

  test('corrections per class are those of the class', () => {
    const output = outputOf([{ box: [10, 10, 19, 19], scores: [0, 0.8, 0.9] }]);
    const deltas = tensor([1, 1, 12], [0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0]); // cat to the right, dog down
    expect(postprocess({ ...output, deltas }, names).map(({ box }) => box)).toEqual([
      [40, 20, 58, 38],
      [20, 40, 38, 58],
    ]);
  });

  test('refuses outputs that do not fit', () => {
    const output = outputOf([{ box: [0, 0, 1, 1], scores: [0, 0, 0] }]);
    expect(() => postprocess(output, ['background', 'cat'])).toThrow(
      'the network has 3 classes, got 2 names',
    );
    expect(() => postprocess({ ...output, rois: tensor([5], [0, 0, 0, 0, 0]) }, names)).toThrow(
      'expected Rx5',
    );
  });
});
