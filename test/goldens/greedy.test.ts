import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nonMaximumSuppression } from '../../src/ops/index.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';
import { contradiction, type GreedyRule } from './greedy.ts';

const rule: GreedyRule = {
  threshold: 0.506, // no two boxes of the scenes overlap by nearly this
  least: 0,
  limit: 8,
  ordered: true,
  scoreNoise: () => 1e-4,
  overlapNoise: 1e-4,
};

const boxesOf = (rows: readonly (readonly number[])[]): Tensor =>
  tensor([rows.length, 4], rows.flat(), 'float64');

/** Boxes of some size near each other, with scores; many of them nearly equal. */
const scene = fc
  .array(
    fc.record({
      x: fc.integer({ min: 0, max: 12 }),
      y: fc.integer({ min: 0, max: 12 }),
      score: fc.oneof(
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        fc.constantFrom(0.5, 0.50005, 0.4, 0.40008),
      ),
      moved: fc.double({ min: -4e-5, max: 4e-5, noNaN: true }),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((drawn) => ({
    boxes: boxesOf(drawn.map(({ x, y }) => [x, y, x + 11, y + 7])),
    scores: drawn.map(({ score }) => score),
    noisy: drawn.map(({ score, moved }) => score + moved),
  }));

describe('a choice of boxes', () => {
  test('that suppression makes of noisy scores is one that noise explains', () => {
    fc.assert(
      fc.property(scene, ({ boxes, scores, noisy }) => {
        const kept = nonMaximumSuppression(boxes, noisy, { threshold: rule.threshold, limit: rule.limit });
        expect(contradiction(boxes, scores, kept, rule)).toBeUndefined();
      }),
    );
  });

  test('is contradicted when a box is left out that nothing suppresses', () => {
    fc.assert(
      fc.property(scene, fc.nat(), ({ boxes, scores }, pick) => {
        const unlimited = { ...rule, limit: Infinity };
        const kept = nonMaximumSuppression(boxes, scores, { threshold: rule.threshold });
        const fewer = kept.toSpliced(pick % kept.length, 1);
        expect(contradiction(boxes, scores, fewer, unlimited)).toMatch('no kept box suppresses it');
      }),
    );
  });

  const boxes = boxesOf([
    [0, 0, 9, 9],
    [0, 0, 9, 8],
    [50, 50, 59, 59],
  ]);

  test('is contradicted when two kept boxes overlap', () => {
    expect(contradiction(boxes, [0.9, 0.8, 0.7], [0, 1, 2], rule)).toMatch(
      'boxes 0 and 1 are kept and overlap by 0.9',
    );
  });

  test('may hold either of two boxes with nearly equal scores, but not the clearly worse one', () => {
    expect(contradiction(boxes, [0.9, 0.89995, 0.7], [1, 2], rule)).toBeUndefined();
    expect(contradiction(boxes, [0.9, 0.8, 0.7], [1, 2], rule)).toMatch('box 0 scores 0.9, and no kept box');
  });

  test('is in the order of its scores, as far as noise allows', () => {
    expect(contradiction(boxes, [0.9, 0.1, 0.90005], [0, 2], rule)).toBeUndefined();
    expect(contradiction(boxes, [0.8, 0.1, 0.9], [0, 2], rule)).toMatch('stands before box 2 with 0.9');
    expect(contradiction(boxes, [0.8, 0.1, 0.9], [0, 2], { ...rule, ordered: false })).toBeUndefined();
  });

  test('that is full says nothing of boxes that score less than its last one', () => {
    expect(contradiction(boxes, [0.9, 0.1, 0.7], [0], { ...rule, limit: 1 })).toBeUndefined();
    expect(contradiction(boxes, [0.7, 0.1, 0.9], [0], { ...rule, limit: 1 })).toMatch('box 2 scores 0.9');
    expect(contradiction(boxes, [0.9, 0.1, 0.7], [0, 2], { ...rule, limit: 1 })).toMatch('the limit is 1');
  });

  test('has no box that scores too little', () => {
    expect(contradiction(boxes, [0.9, 0.1, 0.7], [0, 2], { ...rule, least: 0.8 })).toMatch(
      'too little to be kept',
    );
    expect(contradiction(boxes, [0.9, 0.1, 0.7], [0], { ...rule, least: 0.8 })).toBeUndefined();
  });
});
