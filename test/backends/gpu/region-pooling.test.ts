/** Kernels of region pooling against the reference: regions across the edges, empty bins, images that are not there. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OperatorName, operators, runOperator } from '../../../src/ops/index.ts';
import { cast, type Tensor } from '../../../src/tensor/index.ts';
import { difference, distinctValues, runs, tolerances, values } from '../../../src/testing/index.ts';
import { rois } from '../../ops/regions.ts';
import { type EmulatedDevice, runFast, runObvious } from './emulator.ts';

const devices: fc.Arbitrary<EmulatedDevice> = fc.record({
  packed: fc.constantFrom('textures' as const, 'buffers' as const),
  borders: fc.constantFrom([0, 0] as const, [1, 2] as const),
});
const size = fc.integer({ min: 1, max: 6 });
const images = fc.integer({ min: 1, max: 2 });
const someRois = (N: number, extent: number): fc.Arbitrary<Tensor> =>
  rois(N, extent).filter(({ shape }) => shape[0]! > 0);

const sectioned = fc
  .record({
    images,
    height: size,
    width: size,
    outputChannels: fc.integer({ min: 1, max: 6 }),
    pooledSize: fc.integer({ min: 1, max: 3 }),
    groupSize: fc.integer({ min: 0, max: 3 }),
    spatialScale: fc.constantFrom(1, 0.25, 0.1),
  })
  .chain((attributes) => {
    const {
      images: N,
      height,
      width,
      outputChannels: D,
      pooledSize: P,
      groupSize,
      spatialScale,
    } = attributes;
    const data = values([N, D * (groupSize || P) ** 2, height, width]);
    const drawn = someRois(N, width / spatialScale).chain((regions) =>
      fc.tuple(data, fc.constant(regions), values([regions.shape[0]!, D, P, P])),
    );
    return fc.record({ tensors: drawn, attributes: fc.constant(attributes) });
  });

const pooled = fc
  .record({ N: images, C: fc.integer({ min: 1, max: 6 }), H: size, W: size, P: size, Q: size })
  .chain(({ N, C, H, W, P, Q }) => {
    const drawn = someRois(N, 4 * W).chain((regions) =>
      fc.tuple(distinctValues([N, C, H, W]), fc.constant(regions), values([regions.shape[0]!, C, P, Q])),
    );
    return fc.record({ tensors: drawn, attributes: fc.constant({ spatialScale: 0.25, pooledSize: [P, Q] }) });
  });

/** What obvious and fast kernels give that the reference does not. */
function problems(
  name: OperatorName,
  inputs: readonly Tensor[],
  attributes: object,
  device?: EmulatedDevice,
): string[] {
  const typed = inputs.map((input) => cast(input, 'float32'));
  const [expected] = runOperator(operators[name], typed, attributes);
  const obvious = runObvious(name, typed, attributes);
  const results = device ? [obvious, runFast(name, typed, attributes, device)] : [obvious];
  return results.flatMap((result) =>
    result ? difference(name, result[0]!, expected!, 'the reference', tolerances.backend) : ['no kernel'],
  );
}

describe('the kernels of region pooling', () => {
  test('give what the reference gives, over maps that are sorted by sections', () => {
    fc.assert(
      fc.property(sectioned, devices, ({ tensors: [data, regions], attributes }, device) => {
        const { images: _n, height: _h, width: _w, ...pooling } = attributes;
        expect(problems('psroiPooling', [data, regions], pooling, device)).toEqual([]);
      }),
      { numRuns: runs(60) },
    );
  });

  test('give the largest values that the reference gives', () => {
    fc.assert(
      fc.property(pooled, devices, ({ tensors: [data, regions], attributes }, device) => {
        expect(problems('roiPooling', [data, regions], attributes, device)).toEqual([]);
      }),
      { numRuns: runs(60) },
    );
  });

  test('give the gradients of the reference', () => {
    fc.assert(
      fc.property(sectioned, pooled, (sections, maxima) => {
        const [, regions, head] = sections.tensors;
        expect(problems('psroiPoolingGradient', [head, regions], sections.attributes)).toEqual([]);
        const [data, others, heads] = maxima.tensors;
        expect(problems('roiPoolingGradient', [data, others, heads], maxima.attributes)).toEqual([]);
      }),
      { numRuns: runs(60) },
    );
  });
});
