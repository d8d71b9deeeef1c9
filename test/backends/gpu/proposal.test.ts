import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type GpuBackend, gpuBackend } from '../../../src/backends/gpu/index.ts';
import { multiProposalOperator, runOperator } from '../../../src/ops/index.ts';
import { cast, compare, tensor, type Tensor } from '../../../src/tensor/index.ts';
import { runs } from '../../../src/testing/index.ts';
import { proposalCases } from '../../ops/proposal-oracle.ts';
import { propose, type RegionCase, regionCases } from './region-checks.ts';

const expected = ({ inputs, attributes }: RegionCase): readonly Tensor[] =>
  runOperator(multiProposalOperator, inputs, attributes);

describe.each(['webasm', 'cpu'] as const)('mode %s', (mode) => {
  const opened = new Map<string, GpuBackend>();
  const open = async (kernels: 'obvious' | 'fast'): Promise<GpuBackend> => {
    const backend = opened.get(kernels) ?? (await gpuBackend({ mode, kernels }));
    opened.set(kernels, backend);
    return backend;
  };
  afterAll(() => opened.forEach((backend) => backend.dispose()));

  test.each(regionCases)('proposes the regions of the reference, in its order: case %#', async (one) => {
    const { rois, scores } = await propose(await open('obvious'), one);
    const [wantedRois, wantedScores] = expected(one);
    expect(rois.data).toEqual(wantedRois!.data);
    expect(scores.data).toEqual(wantedScores!.data);
  });

  test('proposes the regions of the reference where overlaps and sizes lie on the limit', async () => {
    const backend = await open('obvious');
    await fc.assert(
      fc.asyncProperty(proposalCases(2), async ({ inputs, attributes }) => {
        const one = { inputs: inputs.map((x) => cast(x, 'float32')), attributes } as unknown as RegionCase;
        const { rois, scores } = await propose(backend, one);
        const [wantedRois, wantedScores] = expected(one);
        expect(rois.data).toEqual(wantedRois!.data);
        expect(scores.data).toEqual(wantedScores!.data);
      }),
      { numRuns: runs(15) },
    );
  });

  test('ranks NaN first, and lets a NaN box overlap nothing', async () => {
    const one: RegionCase = {
      inputs: [
        tensor([1, 2, 1, 3], [0.5, 0, 0.5, 0.5, NaN, 0.5]),
        tensor([1, 4, 1, 3], [NaN, ...Array.from({ length: 11 }, () => 0)]),
        tensor([1, 3], [16, 48, 1]),
      ],
      attributes: { scales: [1], ratios: [1], minSize: 0, postNms: 4 },
    };
    const { rois, scores } = await propose(await open('obvious'), one);
    const [wantedRois, wantedScores] = expected(one);
    expect(rois.data).toEqual(wantedRois!.data);
    expect(scores.data).toEqual(wantedScores!.data);
  });

  test('leaves nothing on the device, and reads nothing back between its kernels', async () => {
    const backend = await open('obvious');
    const before = backend.counts();
    await propose(backend, regionCases[0]!);
    const after = backend.counts();
    expect(after.handles).toBe(before.handles);
    expect(after.readBacks - before.readBacks).toBe(2);
  });

  test('runs on the processor in a plan that is to be fast, and says why', async () => {
    const backend = await open('fast');
    const before = backend.counts();
    const one = regionCases[1]!;
    const { rois } = await propose(backend, one);
    expect(compare(rois, expected(one)[0]!).absolute).toBe(0);
    expect(backend.counts().launches).toBe(before.launches);
  });
});
