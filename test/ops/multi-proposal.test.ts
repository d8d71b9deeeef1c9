import { expect, test } from 'vitest';
import { multiProposal, multiProposalOperator } from '../../src/ops/index.ts';
import { tensor, zeros } from '../../src/tensor/index.ts';
import { checkOp } from '../../src/testing/index.ts';
import { proposalCases, proposalOracle } from './proposal-oracle.ts';

checkOp(multiProposalOperator, proposalCases(3), {
  oracle: proposalOracle,
  tolerance: { float32: 0, float64: 0 },
  skip: { gradient: 'a choice passes no gradient' },
});

test('rows are grouped by image, and each image is cut to its own size', () => {
  const { rois } = multiProposal(
    tensor([2, 2, 1, 1], [0.5, 0.5, 0.5, 0.5]),
    zeros([2, 4, 1, 1]),
    tensor([2, 3], [16, 16, 1, 10, 12, 1]),
    { scales: [1], ratios: [1], minSize: 0, postNms: 2 },
  );
  expect([...rois.data]).toEqual([0, 0, 0, 15, 15, 0, 0, 0, 15, 15, 1, 0, 0, 11, 9, 1, 0, 0, 11, 9]);
});

test('no images give no rows', () => {
  const attributes = { scales: [1], ratios: [1] };
  expect(
    multiProposal(zeros([0, 2, 1, 1]), zeros([0, 4, 1, 1]), zeros([0, 3]), attributes).rois.shape,
  ).toEqual([0, 5]);
});

test('errors carry its own name', () => {
  expect(() => multiProposal(zeros([2, 2, 1]), zeros([2, 4, 1, 1]), zeros([2, 3]))).toThrow(
    'multiProposal: cls_prob is 2x2x1, expected four axes',
  );
});
