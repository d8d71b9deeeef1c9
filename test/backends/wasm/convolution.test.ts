/**
 * Convolutions of the size of real layers, where the cost model chooses among ways that small cases never take: each way
 * gives what the reference gives, up to what its transforms round.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHost } from '../../../src/backends/index.ts';
import type { WasmBackend } from '../../../src/backends/wasm/index.ts';
import { type Graph, trace } from '../../../src/graph/index.ts';
import {
  convolutionOperator,
  fusedConvolution,
  type FusedConvolutionAttributes,
  fusedDeconvolution,
  runOperator,
  fusedConvolutionOperator,
  fusedDeconvolutionOperator,
} from '../../../src/ops/index.ts';
import { randomNumbers, runs } from '../../../src/testing/index.ts';
import { cast, elementCount, type Shape, type Tensor, tensor } from '../../../src/tensor/index.ts';
import { aBackend, settings } from './settings.ts';

const next = randomNumbers(5);
const random = (shape: Shape): Tensor =>
  tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => next()),
  );

/** What a plan gives for data and parameters in order, and the kernel it chose. */
async function runPlan(
  backend: WasmBackend,
  graph: Graph,
  [data, ...weights]: readonly Tensor[],
): Promise<{ readonly result: Tensor; readonly kernel: string }> {
  const parameters = new Map(graph.parameters.map(({ name }, k) => [name, weights[k]!]));
  const plan = await backend.compile(graph, parameters);
  try {
    const { out } = await plan.run({ data: data! });
    return { result: await toHost(out!), kernel: plan.report().nodes[0]!.kernel };
  } finally {
    plan.dispose();
  }
}

/** The largest difference from the float64 result, as a part of its largest value. */
function relativeError(got: Tensor, want: Tensor): number {
  let [gap, largest] = [0, 0];
  for (let k = 0; k < want.data.length; k++) {
    gap = Math.max(gap, Math.abs(got.data[k]! - want.data[k]!));
    largest = Math.max(largest, Math.abs(want.data[k]!));
  }
  return gap / largest;
}

interface Layer {
  readonly data: Shape;
  readonly weight: Shape;
  readonly attributes: FusedConvolutionAttributes;
  readonly hasResidual: boolean;
}

async function convolutionError(
  backend: WasmBackend,
  { data, weight, attributes, hasResidual }: Layer,
): Promise<{ readonly error: number; readonly kernel: string }> {
  const { slope: _slope, ...window } = { ...fusedConvolutionOperator.defaults, ...attributes };
  const [shape] = convolutionOperator.shape([data, weight, undefined], window);
  const shapes = [data, weight, [weight[0]!], ...(hasResidual ? [shape] : [])];
  const tensors = shapes.map(random);
  const graph = trace(
    (parameters, values) => {
      const [w, b, r] = shapes.slice(1).map((own, k) => parameters.get(`p${k}`, own));
      return { out: fusedConvolution(values.data, w!, b, r, attributes) };
    },
    { data },
  );
  const exact = runOperator(
    fusedConvolutionOperator,
    tensors.map((value) => cast(value, 'float64')),
    attributes,
  );
  const { result, kernel } = await runPlan(backend, graph, tensors);
  return { error: relativeError(result, exact[0]!), kernel };
}

describe.each(settings)('with %s', (_title, options) => {
  const fast = aBackend(options);
  const precise = aBackend({ ...options, precise: true });

  test.each<readonly [string, Layer, string]>([
    [
      'three by three taps with a shortcut',
      { data: [1, 40, 27, 29], weight: [64, 40, 3, 3], attributes: { pad: 1, slope: 0 }, hasResidual: true },
      'winograd 4x4',
    ],
    [
      'two images, dilation and channels that fill no block',
      {
        data: [2, 61, 31, 37],
        weight: [62, 61, 3, 3],
        attributes: { pad: 2, dilation: 2, slope: 0.1 },
        hasResidual: false,
      },
      'winograd 4x4',
    ],
    [
      'a dilation of six, as before the proposals',
      {
        data: [1, 64, 24, 31],
        weight: [64, 64, 3, 3],
        attributes: { pad: 6, dilation: 6 },
        hasResidual: true,
      },
      'winograd 4x4',
    ],
    [
      'five by five taps with stride two',
      {
        data: [1, 64, 30, 41],
        weight: [64, 64, 5, 5],
        attributes: { pad: 2, stride: 2, slope: 0.1 },
        hasResidual: false,
      },
      'winograd 4x4',
    ],
    [
      'six by five taps with stride two and uneven padding',
      {
        data: [1, 64, 30, 41],
        weight: [60, 64, 6, 5],
        attributes: { pad: [0, 1], stride: 2, slope: 0 },
        hasResidual: false,
      },
      'winograd 4x4',
    ],
    [
      'a map that is hardly larger than a tile',
      {
        data: [1, 256, 5, 8],
        weight: [64, 256, 3, 3],
        attributes: { pad: 1, slope: 0 },
        hasResidual: false,
      },
      'winograd 2x2',
    ],
  ])('%s', async (_name, layer, kernel) => {
    const quick = await convolutionError(fast(), layer);
    expect(quick.kernel).toBe(kernel);
    expect(quick.error).toBeLessThan(1e-5);
    const exact = await convolutionError(precise(), layer);
    expect(exact.kernel).not.toBe('winograd 4x4');
    expect(exact.error).toBeLessThan(2e-6);
  });

  test('F(2x2) is as close to float64 as direct sums, F(4x4) within ten times of them', async () => {
    const layer: Layer = {
      data: [1, 128, 24, 24],
      weight: [64, 128, 3, 3],
      attributes: { pad: 1 },
      hasResidual: false,
    };
    const direct: Layer = { ...layer, attributes: { pad: 1, groups: 1, stride: [1, 2] } };
    const [four, two, sums] = [
      await convolutionError(fast(), layer),
      await convolutionError(precise(), layer),
      await convolutionError(fast(), direct),
    ];
    expect([four.kernel, two.kernel, sums.kernel]).toEqual(['winograd 4x4', 'winograd 2x2', 'direct 3x3']);
    expect(two.error).toBeLessThan(2 * sums.error);
    expect(four.error).toBeLessThan(10 * sums.error);
  });

  test('channels from 1 to 70, any size and padding', async () => {
    const property = fc.asyncProperty(
      fc.record({
        channels: fc.tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 70 })),
        size: fc.tuple(fc.integer({ min: 1, max: 26 }), fc.integer({ min: 1, max: 26 })),
        dilation: fc.integer({ min: 1, max: 3 }),
        extra: fc.integer({ min: 0, max: 3 }),
        slope: fc.constantFrom(0, 0.1, 1),
        hasResidual: fc.boolean(),
      }),
      async ({ channels: [C, O], size: [H, W], dilation, extra, slope, hasResidual }) => {
        const attributes = { pad: dilation + extra, dilation, slope };
        const layer = { data: [1, C, H, W], weight: [O, C, 3, 3], attributes, hasResidual };
        expect((await convolutionError(fast(), layer)).error).toBeLessThan(2e-5);
      },
    );
    await fc.assert(property, { numRuns: runs(40) });
  });

  test.each<readonly [string, Shape, Shape, object, string]>([
    [
      'a deconvolution as in FlowNet, cut to a window',
      [1, 64, 24, 20],
      [64, 60, 4, 4],
      { stride: 2, offset: 1, size: [48, 39], slope: 0.1 },
      'winograd 4x4',
    ],
    [
      'five by five taps, two images and an uneven window',
      [2, 64, 24, 22],
      [64, 64, 5, 5],
      { stride: 2, offset: [2, 3], size: [41, 38], slope: 0 },
      'winograd 4x4',
    ],
    [
      'stride three, which only phases can do',
      [1, 64, 9, 10],
      [64, 40, 5, 5],
      { stride: 3, offset: 0, size: [29, 32] },
      '9 phases',
    ],
  ])('%s', async (_name, data, weight, attributes, kernel) => {
    const tensors = [random(data), random(weight), random([weight[1]!])];
    const given = attributes as { readonly size: readonly [number, number] };
    const graph = trace(
      (parameters, values) => ({
        out: fusedDeconvolution(
          values.data,
          parameters.get('w', weight),
          parameters.get('b', [weight[1]!]),
          given,
        ),
      }),
      { data },
    );
    const exact = runOperator(
      fusedDeconvolutionOperator,
      tensors.map((value) => cast(value, 'float64')),
      given,
    );
    const got = await runPlan(fast(), graph, tensors);
    expect(got.kernel).toBe(kernel);
    expect(relativeError(got.result, exact[0]!)).toBeLessThan(1e-5);
  });
});
