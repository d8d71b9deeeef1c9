/** The parts of the GPU benchmark that need no browser: what is measured, how it is checked, what is made of numbers. */
import { describe, expect, test } from 'vitest';
import { readOptions } from '../../bench/gpu/options.ts';
import { layerDifference, relativeDifference } from '../../bench/gpu/page/check.ts';
import { layerInputs, like, psroiInputs, warpInputs } from '../../bench/gpu/page/inputs.ts';
import { permuted, toNchw, toNhwc } from '../../bench/gpu/page/layouts.ts';
import { layerGraph } from '../../bench/gpu/page/ours.ts';
import { networkFinding, singleFinding, summary } from '../../bench/gpu/report.ts';
import { describeLayer, type LayerResult, measured, weightedRatio, worst } from '../../bench/gpu/results.ts';
import { reductions, sizeFor } from '../../bench/gpu/size.ts';
import { layersOf, type LayerWork, layerWork, measuredMultiplyAdds, reduced } from '../../bench/gpu/work.ts';
import { interpret, statistics } from '../../src/graph/index.ts';
import { configure, officialConfiguration, officialGraph } from '../../src/nets/index.ts';
import { tensor } from '../../src/tensor/index.ts';

const total = (layers: readonly LayerWork[]): number =>
  layers.reduce((sum, { multiplyAdds, count }) => sum + multiplyAdds * count, 0);

const byName = (layers: readonly LayerWork[], name: string): LayerWork =>
  layers.find((layer) => layer.name === name)!;

describe('what is measured', () => {
  const size = { height: 562, width: 1000 };

  test('every multiply-add of the key graph is in a layer of the residual network or of the heads', () => {
    const graph = officialGraph('key', officialConfiguration, size);
    expect(total(layersOf('resnet')) + total(layersOf('heads'))).toBe(statistics(graph).multiplyAdds);
  });

  test('every multiply-add of the current graph is in a layer of FlowNet or of the heads', () => {
    const graph = officialGraph('current', officialConfiguration, size);
    expect(total(layersOf('flownet')) + total(layersOf('heads'))).toBe(statistics(graph).multiplyAdds);
  });

  test('layers have the activation that follows them, behind batch norms, sums and crops', () => {
    const [resnet, flownet, heads] = [layersOf('resnet'), layersOf('flownet'), layersOf('heads')];
    expect(new Set(resnet.map(({ slope }) => slope))).toEqual(new Set([0]));
    expect(byName(flownet, 'conv2').slope).toBe(0.1);
    expect(byName(flownet, 'deconv5').slope).toBe(0.1);
    expect(byName(flownet, 'upsample_flow6to5').slope).toBe(1);
    expect(byName(flownet, 'Convolution5_scale').slope).toBe(1);
    expect(new Set(heads.map(({ slope }) => slope))).toEqual(new Set([1]));
  });

  test('deconvolutions are cropped to the maps that they are joined with', () => {
    const deconvolutions = layersOf('flownet').filter(({ kind }) => kind === 'deconvolution');
    expect(deconvolutions.map(({ data: [, , H, W], crop }) => [H, W, crop])).toEqual(
      [
        [5, 8, [9, 16]],
        [9, 16, [18, 32]],
        [18, 32, [36, 63]],
        [36, 63, [71, 125]],
      ].flatMap((row) => [row, row]),
    );
  });

  test.each(['resnet', 'flownet', 'heads'] as const)(
    'layers of %s on a part of their map keep to the budget, unless four rows of sixteen are beyond it',
    (part) => {
      for (const whole of layersOf(part)) {
        const layer = reduced(whole, 1e8);
        const [N, C, rows, columns] = layer.data as [number, number, number, number];
        expect([N, C, ...layer.map]).toEqual(whole.data);
        if (whole.multiplyAdds <= 1e8) expect(layer).toEqual(whole);
        else if (rows > 4 || columns > 16) expect(measuredMultiplyAdds(layer)).toBeLessThanOrEqual(1.25e8);
        else expect([rows, columns]).toEqual([4, Math.min(16, layer.map[1])]);
        if (columns < layer.map[1]) expect(rows).toBe(Math.min(4, layer.map[0]));
      }
    },
  );

  test('nothing is made smaller where a graphics card draws, unless that is asked for', () => {
    const plain = { quick: false, full: false };
    expect(reductions(sizeFor(false, plain))).toBe('nothing');
    expect(reductions(sizeFor(true, { ...plain, full: true }))).toBe('nothing');
    expect(reductions(sizeFor(true, plain))).toContain('100 million');
    expect(reductions(sizeFor(true, { ...plain, quick: true }))).toContain('40 million');
  });

  test('regions are inside the image and flow points up to twelve pixels away', () => {
    const { rois } = psroiInputs();
    for (let r = 0; r < rois.data.length; r += 5) {
      const [image, x1, y1, x2, y2] = rois.data.subarray(r, r + 5);
      expect(image).toBe(0);
      expect(x1! >= 0 && y1! >= 0 && x2! >= x1! && y2! >= y1! && x2! < 1000 && y2! < 600).toBe(true);
    }
    const farthest = Float32Array.from(warpInputs().flow.data, Math.abs).toSorted().at(-1)!;
    expect(farthest).toBeGreaterThan(11.5);
    expect(farthest).toBeLessThanOrEqual(12);
  });
});

describe('the check of results', () => {
  const narrow = configure({ widthDivisor: 32 });
  const size = { height: 96, width: 120 };
  const layers = [
    ...layerWork(officialGraph('key', narrow, size)),
    ...layerWork(officialGraph('current', narrow, size)),
  ];
  const kinds = new Map(layers.map((layer) => [`${describeLayer(layer)} ${layer.slope}`, layer]));

  test('the definition gives what the operators give, for every kind of layer', () => {
    expect(kinds.size).toBeGreaterThan(20);
    for (const layer of kinds.values()) {
      const { data, weight, bias } = layerInputs(layer);
      const inputs = layer.crop ? { data, like: like(layer.crop) } : { data };
      const parameters = new Map([
        ['weight', weight],
        ['bias', bias],
      ]);
      const { out } = interpret(layerGraph(layer), { inputs, parameters }).outputs;
      expect(layerDifference(layer, { data, weight, bias }, out!)).toBeLessThan(1e-6);
    }
  });

  test('a result that is shifted, biased or not a number is noticed', () => {
    const layer = byName(layers, 'res2a_branch2b');
    const inputs = layerInputs(layer);
    const feeds = {
      inputs: { data: inputs.data },
      parameters: new Map([
        ['weight', inputs.weight],
        ['bias', inputs.bias],
      ]),
    };
    const out = interpret(layerGraph(layer), feeds).outputs['out']!;
    const wrong = (value: (x: number, i: number) => number): number =>
      layerDifference(layer, inputs, { ...out, data: Float32Array.from(out.data, value) });
    expect(wrong((x) => x)).toBeLessThan(1e-6);
    expect(wrong((x) => x + 0.01)).toBeGreaterThan(1e-3);
    expect(wrong((_, i) => out.data[i + 1] ?? 0)).toBeGreaterThan(1e-2);
    expect(wrong(() => NaN)).toBeNaN();
  });

  test('two results differ by the largest difference, relative to the largest value', () => {
    const expected = tensor([4], [1, -8, 2, 0]);
    expect(relativeDifference(tensor([4], [1, -8, 2, 0]), expected)).toBe(0);
    expect(relativeDifference(tensor([4], [1, -8, 4, 1]), expected)).toBe(0.25);
    expect(relativeDifference(tensor([4], [1, NaN, 2, 0]), expected)).toBeNaN();
    expect(() => relativeDifference(tensor([2], [1, 2]), expected)).toThrow(/expected/);
  });

  test('axes are put in another order and back', () => {
    const nchw = tensor([1, 2, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(toNhwc(nchw)).toEqual(tensor([1, 2, 3, 2], [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]));
    expect(toNchw(toNhwc(nchw))).toEqual(nchw);
    expect(permuted(nchw, [2, 3, 1, 0]).shape).toEqual([2, 3, 2, 1]);
  });
});

describe('what is made of the numbers', () => {
  const [first, second] = layersOf('resnet') as [LayerWork, LayerWork];
  const result = (layer: LayerWork, ours: number, peer: number): LayerResult => ({
    layer,
    outcome: { ours, peer, difference: 0 },
  });
  const half = { ...first, count: 3, map: [100, 30] as const, data: [1, 3, 50, 30] };
  const whole = { ...second, count: 1, map: [10, 10] as const, data: [1, 64, 10, 10] };

  test('a layer counts as often as it occurs and as many times as it was made smaller', () => {
    const results = measured([result(half, 1, 4), result(whole, 10, 10)]);
    expect(weightedRatio(results)).toBeCloseTo((6 * 4 + 10) / (6 * 1 + 10));
    expect(worst(results)?.layer).toBe(whole);
  });

  test('what failed is left out of the ratio, and the finding says so', () => {
    const failed = { layer: whole, outcome: { failure: 'no kernel' } };
    const finding = networkFinding('layers', 'webgl2', 'resnet', [result(half, 1, 4), failed]);
    expect(finding?.ratio).toBe(4);
    expect(finding?.note).toMatch(/^without 1 that failed/);
    expect(networkFinding('layers', 'webgl2', 'resnet', [failed])).toBeUndefined();
    expect(singleFinding('webgl2', [failed])).toBeUndefined();
  });

  test('the summary holds ratios against what is aimed at', () => {
    const finding = { what: 'x', mode: 'webgl2', aim: 'resnet' } as const;
    const lines = summary([
      { ...finding, ratio: 1.79 },
      { ...finding, ratio: 1.8 },
      { ...finding, ratio: 3.5 },
      { what: 'y', mode: 'webgpu', aim: 'psroi', ratio: 1 },
    ]).split('\n');
    expect(lines[1]).toContain('too slow');
    expect(lines[2]).toContain('enough');
    expect(lines[3]).toContain('reached');
    expect(lines[4]).not.toMatch(/slow|enough|reached/);
  });
});

describe('options', () => {
  test('everything is measured in both modes when nothing is said', () => {
    const { mode, only, layers, rounds, quick } = readOptions([]);
    expect({ mode, layers, rounds, quick }).toEqual({
      mode: ['webgl2', 'webgpu'],
      layers: Infinity,
      rounds: 5,
      quick: false,
    });
    expect(only).toContain('detector');
  });

  test('lists choose, in a fixed order', () => {
    expect(readOptions(['--only', 'warp, resnet', '--mode', 'webgpu'])).toMatchObject({
      only: ['resnet', 'warp'],
      mode: ['webgpu'],
    });
  });

  test.each([
    [['--mode', 'webgl'], /--mode webgl: there is webgl2, webgpu/],
    [['--only', 'warp,'], /--only : there is/],
    [['--layers', '0'], /--layers 0: expected a whole number above 0/],
    [['--rounds', 'many'], /--rounds many/],
    [['--quick', '--full'], /choose one/],
    [['--fast'], /--fast/],
  ])('%j is refused', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});
