import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Graph, statistics } from '../../src/graph/index.ts';
import {
  configure,
  type NetworkConfiguration,
  officialConfiguration,
  officialGraph,
} from '../../src/nets/index.ts';
import { elementCount } from '../../src/tensor/index.ts';
import { hasShared, shared } from '../shared.ts';

const size = { height: 600, width: 1000 };

/** Parameters of several graphs, each once. */
function parametersOf(...graphs: Graph[]): Map<string, readonly number[]> {
  return new Map(
    graphs.flatMap(({ parameters }) => parameters.map(({ name, shape }) => [name, shape] as const)),
  );
}

/** Bytes of a legacy `.params` file: 16 + 4 ndim + data per array, its name with prefix and length, and the frame. */
function legacyFileSize(parameters: ReadonlyMap<string, readonly number[]>): number {
  let bytes = 24 + 8;
  for (const [name, shape] of parameters) {
    bytes += 16 + 4 * shape.length + 4 * elementCount(shape) + 8 + 'arg:'.length + name.length;
  }
  return bytes;
}

/** What the training callback adds: the box layer with its deviations multiplied in. */
function withTestArrays(parameters: Map<string, readonly number[]>): Map<string, readonly number[]> {
  const twins = ['rfcn_bbox_weight', 'rfcn_bbox_bias'].map(
    (name) => [`${name}_test`, parameters.get(name)!] as const,
  );
  return new Map([...parameters, ...twins]);
}

describe('the official networks', () => {
  const key = officialGraph('key', officialConfiguration, size);
  const current = officialGraph('current', officialConfiguration, size);
  const dff = parametersOf(key, current);
  const frame = parametersOf(officialGraph('frame', officialConfiguration, size));

  test('a Deep Feature Flow checkpoint has 580 arrays and 406,297,747 bytes, a Frame one 532 and 250,790,385', () => {
    expect(withTestArrays(dff).size).toBe(580);
    expect(legacyFileSize(withTestArrays(dff))).toBe(406_297_747);
    expect(legacyFileSize(dff)).toBe(405_493_247);
    expect(withTestArrays(frame).size).toBe(532);
    expect(legacyFileSize(withTestArrays(frame))).toBe(250_790_385);
    expect(legacyFileSize(frame)).toBe(249_985_885);
  });

  test('the batch and training graphs have the parameters of the key and current graphs', () => {
    const names = [...dff.keys()].sort();
    for (const kind of ['batch', 'train'] as const) {
      expect([...parametersOf(officialGraph(kind, officialConfiguration, size)).keys()].sort()).toEqual(
        names,
      );
    }
    const training = parametersOf(officialGraph('frame-train', officialConfiguration, size));
    expect([...training.keys()].sort()).toEqual([...frame.keys()].sort());
  });

  test('feature maps have the sizes of the walk-through for 562 x 1000 pixels', () => {
    const shapes = new Map(
      [
        officialGraph('key', officialConfiguration, { height: 562, width: 1000 }),
        officialGraph('current', officialConfiguration, { height: 562, width: 1000 }),
      ]
        .flatMap(({ nodes }) => nodes)
        .map(({ name, shapes: [shape] }) => [name, shape!.slice(2).join('x')]),
    );
    const expected = {
      conv1: '281x500',
      res2c: '141x250',
      res3b3: '71x125',
      res5c: '36x63',
      feat_conv_3x3: '36x63',
      resize_data: '281x500',
      conv2: '71x125',
      conv6_1: '5x8',
      deconv5: '12x18',
      crop_deconv5: '9x16',
      deconv2: '74x128',
      crop_deconv2: '71x125',
      resize_concat5: '36x63',
    };
    for (const [name, hw] of Object.entries(expected)) expect([name, shapes.get(name)]).toEqual([name, hw]);
  });

  test('a divided width keeps every name and divides hidden channels only', () => {
    const narrow = parametersOf(officialGraph('current', configure({ widthDivisor: 16 }), size));
    const full = parametersOf(current);
    expect([...narrow.keys()]).toEqual([...full.keys()]);
    expect(narrow.get('conv6_1_weight')).toEqual([64, 64, 3, 3]);
    expect(narrow.get('Convolution2_weight')).toEqual([2, 66, 3, 3]);
    expect(narrow.get('rfcn_cls_weight')).toEqual([1519, 32, 1, 1]);
    expect(narrow.get('flow_conv1_weight')).toEqual([4, 6, 7, 7]);
  });

  test.each([
    [32, 1000],
    [600, 20],
  ])('refuses an image of %i x %i pixels', (height, width) => {
    expect(() => officialGraph('key', officialConfiguration, { height, width })).toThrow('at least 33x33');
  });

  test('of other kinds, with other flow networks and for parts of pixels do not exist', () => {
    const kind = 'clip' as 'key';
    expect(() => officialGraph(kind, officialConfiguration, size)).toThrow(
      'there is no such graph, only key',
    );
    const half = { height: 100.5, width: 200 };
    expect(() => officialGraph('key', officialConfiguration, half)).toThrow('image is 200x100.5 pixels');
    const flowNetwork = 'inception' as 'simple';
    expect(() => configure({ flowNetwork })).toThrow('flowNetwork is inception, expected simple or half');
  });
});

describe('multiply-adds at 600 x 1000', () => {
  /** Multiply-adds of the nodes that a predicate picks, in billions. */
  const billions = (graph: Graph, picks: (name: string) => boolean): number =>
    statistics(graph).nodes.reduce((sum, node) => sum + (picks(node.name) ? node.multiplyAdds : 0), 0) / 1e9;
  const head = /^(rpn|rfcn)_/;
  const cost = (changes: Partial<NetworkConfiguration>): { feature: number; flow: number } => {
    const configuration = configure(changes);
    return {
      feature: billions(officialGraph('key', configuration, size), (name) => !head.test(name)),
      flow: billions(officialGraph('current', configuration, size), (name) => !head.test(name)),
    };
  };

  // Table 2 of the paper: N_feat / F. The recomputed ratios agree within 0.25 %.
  test.each([
    [50, 'simple', 9.2],
    [50, 'half', 33.56],
    [101, 'simple', 12.71],
    [101, 'half', 46.3],
  ] as const)('ResNet-%i with FlowNet %s costs 1/r = %f', (depth, flowNetwork, published) => {
    const { feature, flow } = cost({ depth, flowNetwork });
    expect(Math.abs(feature / flow / published - 1)).toBeLessThan(0.0025);
  });

  test('come apart by stage as in the recomputed table', () => {
    const key = officialGraph('key', officialConfiguration, size);
    const stage = (pattern: RegExp): number => Number(billions(key, (name) => pattern.test(name)).toFixed(3));
    expect([/^conv1$/, /^res2/, /^res3/, /^res4/, /^res5/, /^feat/].map(stage)).toEqual([
      1.411, 7.987, 11.366, 62.287, 35.772, 45.185,
    ]);
    expect(cost({}).flow).toBeCloseTo(12.898, 3);
    expect(cost({ flowNetwork: 'half' }).flow).toBeCloseTo(3.534, 3);
    expect(cost({ depth: 50 }).feature).toBeCloseTo(118.67, 2);
  });
});

describe.runIf(hasShared)('node names', () => {
  interface SymbolFile {
    readonly nodes: readonly { readonly op: string; readonly name: string }[];
  }
  test.each(['key', 'current', 'batch', 'frame', 'train'] as const)(
    'of the %s graph are those that MXNet gives',
    (kind) => {
      const file = readFileSync(shared(`goldens/networks/narrow/${kind}-symbol.json`), 'utf8');
      const theirs = (JSON.parse(file) as SymbolFile).nodes
        .filter(({ op }) => op !== 'null')
        .map(({ name }) => name);
      const ours = officialGraph(kind, configure({ widthDivisor: 16 }), {
        height: 141,
        width: 250,
      }).nodes.map(({ name }) => name);
      expect(ours.sort()).toEqual(theirs.sort());
    },
  );
});
