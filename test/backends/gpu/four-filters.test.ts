/** Convolution and deconvolution of modes webasm and cpu: in plain JavaScript, and as gpu.js compiles it. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GpuBackend, gpuBackend } from '../../../src/backends/gpu/index.ts';
import { trace } from '../../../src/graph/index.ts';
import { fusedConvolution, fusedDeconvolution, operators, runOperator } from '../../../src/ops/index.ts';
import { cast, elementCount, type Shape, tensor, type Tensor } from '../../../src/tensor/index.ts';
import { difference, values } from '../../../src/testing/index.ts';
import { runFastPlain } from './emulator.ts';

interface Case {
  readonly inputs: readonly Tensor[];
  readonly attributes: object;
}

const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const float = (shape: Shape): fc.Arbitrary<Tensor> => values(shape).map((x) => cast(x, 'float32'));

/** Windows of every stride, padding and dilation, with and without bias and residual. */
const convolutions = fc
  .record({
    sizes: fc.tuple(size(3), size(5), size(6), size(7), size(9)),
    taps: fc.constantFrom([1, 1], [3, 3], [2, 3], [7, 1]),
    stride: fc.tuple(size(3), size(2)),
    dilation: fc.tuple(size(2), size(3)),
    pad: fc.tuple(fc.nat(2), fc.nat(2)),
    slope: fc.constantFrom(0, 0.1, 1),
    extra: size(3),
  })
  .chain(({ sizes: [N, C, H, W, O], taps: [I, J], stride, dilation, pad, slope, extra }) => {
    const data = [N, C, H + I * dilation[0], W + J * dilation[1]];
    const weight = [O, C, I, J];
    const attributes = { stride, dilation, pad, groups: 1, slope };
    const out = operators.fusedConvolution.shape([data, weight, [O]], attributes)[0]!;
    const shapes = [data, weight, [O], out].slice(0, 1 + extra);
    return fc.tuple(...shapes.map(float)).map((inputs) => ({ inputs, attributes }));
  });

/** Enlargements by every stride, cut anywhere. */
const enlargements = fc
  .record({
    sizes: fc.tuple(size(3), size(5), size(5), size(6), size(9)),
    stride: size(3),
    taps: fc.tuple(fc.nat(2), fc.nat(2)),
    pad: fc.nat(1),
    slope: fc.constantFrom(0, 0.1, 1),
    cut: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
    bias: fc.boolean(),
  })
  .chain(({ sizes: [N, C, H, W, O], taps: [I, J], stride, pad, slope, cut, bias }) => {
    const kernel = [I + stride, J + stride] as const;
    const full = [H + 2, W + 2].map((cells, axis) => stride * (cells - 1) + kernel[axis]! - 2 * pad);
    const offset = full.map((cells, axis) => Math.min(cut[axis]!, cells - 1));
    const kept = full.map((cells, axis) => Math.max(1, cells - offset[axis]! - cut[axis + 2]!));
    const attributes = { stride, pad, dilation: 1, groups: 1, adjust: 0, offset, size: kept, slope };
    const shapes = [[N, C, H + 2, W + 2], [C, O, ...kernel], ...(bias ? [[O]] : [])];
    return fc.tuple(...shapes.map(float)).map((inputs) => ({ inputs, attributes }));
  });

const filled = (shape: Shape): Tensor =>
  tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, (_, i) => Math.sin(i + shape.length)),
  );

/** Sums of some hundred products in another order. */
const TOLERANCE = 2e-5;

describe('four filters at once', () => {
  test.each([
    ['fusedConvolution', convolutions],
    ['fusedDeconvolution', enlargements],
  ] as const)('%s gives what the reference gives', (name, cases) => {
    fc.assert(
      fc.property(cases as fc.Arbitrary<Case>, ({ inputs, attributes }) => {
        const [got] = runFastPlain(name, inputs, attributes)!;
        const [expected] = runOperator(operators[name], inputs, attributes);
        expect(difference(name, got!, expected!, 'the reference', TOLERANCE)).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });

  test('leaves groups, many taps and computed weights to the obvious kernel', () => {
    const refused = (data: Shape, weight: Shape, groups: number): boolean => {
      const inputs = [data, weight].map(filled);
      return runFastPlain('convolution', inputs, { groups }) === undefined;
    };
    expect(refused([1, 4, 8, 8], [4, 2, 3, 3], 2)).toBe(true);
    expect(refused([1, 1, 9, 9], [4, 1, 8, 8], 1)).toBe(true);
    expect(refused([1, 1, 9, 9], [4, 1, 7, 7], 1)).toBe(false);
  });
});

describe.each(['webasm', 'cpu'] as const)('as mode %s compiles it', (mode) => {
  let backend: GpuBackend;
  beforeAll(async () => (backend = await gpuBackend({ mode })));
  afterAll(() => backend.dispose());

  // Rows of whole and broken fours, several images, last groups of every size, results of one row, column and group.
  test.each([
    { data: [2, 3, 6, 9], filters: 5, kernel: 3, pad: 1, residual: true },
    { data: [1, 4, 5, 8], filters: 8, kernel: 1, pad: 0, residual: true },
    { data: [3, 2, 3, 7], filters: 3, kernel: 3, pad: 0, residual: false },
    { data: [1, 2, 3, 3], filters: 2, kernel: 3, pad: 0, residual: true },
    { data: [2, 1, 4, 1], filters: 6, kernel: 1, pad: 2, residual: false },
  ])('it gives what the reference gives: $data', async ({ data, filters, kernel, pad, residual }) => {
    const [N, C, H, W] = data as [number, number, number, number];
    const weight = [filters, C, kernel, kernel];
    const result = [N, filters, H + 2 * pad - kernel + 1, W + 2 * pad - kernel + 1];
    const graph = trace(
      (parameters, { x, e }) => {
        const given = [parameters.get('w', weight), parameters.get('b', [filters])] as const;
        return { out: fusedConvolution(x, ...given, residual ? e : undefined, { pad, slope: 0.1 }) };
      },
      { x: data, e: result },
    );
    const parameters = new Map([
      ['w', filled(weight)],
      ['b', filled([filters])],
    ]);
    const [x, e] = [filled(data), filled(result)];
    const inputs = [x, parameters.get('w')!, parameters.get('b')!, ...(residual ? [e] : [])];
    const attributes = { pad, slope: 0.1 };
    const [expected] = runOperator(operators.fusedConvolution, inputs, attributes);
    const plan = await backend.compile(graph, parameters);
    for (const _ of [1, 2]) {
      const { out } = await plan.run({ x, e });
      expect(difference(mode, out as Tensor, expected!, 'the reference', TOLERANCE)).toEqual([]);
    }
    expect(plan.report().nodes[0]!.kernel).toBe(pad ? 'fast: pad + fourFilters' : 'fast: fourFilters');
    plan.dispose();
  });

  test.each([
    { data: [2, 3, 4, 5], filters: 5, kernel: 4, stride: 2, kept: [8, 9] },
    { data: [1, 2, 2, 3], filters: 4, kernel: 3, stride: 3, kept: [5, 8] },
    { data: [1, 2, 3, 4], filters: 2, kernel: 3, stride: 1, kept: [3, 4] },
  ])('it enlarges as the reference does: $data', async ({ data, filters, kernel, stride, kept }) => {
    const weight = [data[1]!, filters, kernel, kernel];
    const size = kept as unknown as readonly [number, number];
    const attributes = { stride, offset: 1, size, slope: 0.1 };
    const graph = trace(
      (parameters, { x }) => {
        const given = [parameters.get('w', weight), parameters.get('b', [filters])] as const;
        return { out: fusedDeconvolution(x, ...given, attributes) };
      },
      { x: data },
    );
    const [x, w, b] = [filled(data), filled(weight), filled([filters])];
    const [expected] = runOperator(operators.fusedDeconvolution, [x, w, b], attributes);
    const plan = await backend.compile(
      graph,
      new Map([
        ['w', w],
        ['b', b],
      ]),
    );
    const { out } = await plan.run({ x });
    expect(difference(mode, out as Tensor, expected!, 'the reference', TOLERANCE)).toEqual([]);
    expect(plan.report().nodes[0]!.kernel).toMatch(
      stride > 1 ? /fourFilters \+ interleave$/ : /fourFilters$/,
    );
    plan.dispose();
  });
});
