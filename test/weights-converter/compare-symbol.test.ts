import { describe, expect, test } from 'vitest';
import { configure } from '../../src/nets/index.ts';
import {
  compareSymbol,
  type MxnetSymbol,
  parseSymbol,
  recogniseSymbol,
  type SymbolDifference,
} from '../../weights-converter/index.ts';
import { hasShared } from '../shared.ts';
import { load, narrow } from './kit.ts';

interface JsonNode {
  op: string;
  name: string;
  attrs?: Record<string, string>;
  inputs: number[][];
}

interface JsonSymbol {
  nodes: JsonNode[];
  heads: number[][];
}

describe('recogniseSymbol', () => {
  /** A symbol of variables, and of layers without inputs that only say how many filters they have. */
  const symbolOf = (variables: string[], layers: Record<string, number | undefined>): MxnetSymbol =>
    parseSymbol(
      JSON.stringify({
        nodes: [
          ...variables.map((name) => ({ op: 'null', name })),
          ...Object.entries(layers).map(([name, filters]) => ({
            op: 'Convolution',
            name,
            attrs: filters === undefined ? {} : { num_filter: String(filters) },
          })),
        ],
        heads: [],
      }),
    );
  const recognised = (...symbol: Parameters<typeof symbolOf>): ReturnType<typeof recogniseSymbol> =>
    recogniseSymbol(symbolOf(...symbol));
  const heads = { rfcn_cls: 31 * 49, rpn_cls_score: 18 };
  const residual = { conv1: 4, res4b22: 64 };
  const flow = { flow_conv1: 4, Convolution5_scale: 64 };

  test.each([
    ['key', ['data', 'feat_key'], { ...residual, ...heads }],
    ['current', ['data', 'feat_key'], { ...flow, ...heads }],
    ['batch', ['data', 'data_other'], { ...residual, ...flow, ...heads }],
    ['frame', ['data'], { ...residual, ...heads }],
    ['train', ['data', 'data_ref', 'label'], { ...residual, ...flow, ...heads }],
    ['frame-train', ['data', 'label'], { ...residual, ...heads }],
  ])('tells a %s graph by its inputs and layers, and its width by filters', (kind, variables, layers) => {
    const configuration = configure({ widthDivisor: 16, classes: 31, depth: 101, flowNetwork: 'simple' });
    expect(recognised(variables, layers)).toEqual({ kind, configuration });
  });

  test('tells depth, classes and flow network by layers and filters', () => {
    const layers = { conv1: 32, flow_conv1: 16, rfcn_cls: 5 * 49, rpn_cls_score: 18 };
    expect(recognised(['data', 'data_other'], layers)?.configuration).toEqual(
      configure({ widthDivisor: 2, classes: 5, depth: 50, flowNetwork: 'half' }),
    );
    const half = { flow_conv1: 2, Convolution5_scale: 64, ...heads };
    expect(recognised(['data', 'feat_key'], half)?.configuration).toEqual(
      configure({ widthDivisor: 16, classes: 31, depth: 101, flowNetwork: 'half' }),
    );
  });

  test('knows nothing of other networks', () => {
    expect(recognised(['data'], { ...residual, rfcn_cls: 31 * 49 })).toBeUndefined();
    expect(recognised(['data'], { ...residual, rpn_cls_score: 18 })).toBeUndefined();
    const other = parseSymbol('{"nodes":[],"heads":[]}');
    expect(() => compareSymbol(other)).toThrow(
      'symbol: not one of the Deep Feature Flow or Frame R-FCN networks',
    );
  });

  test('refuses layers without filters, or without the layer that tells the width', () => {
    expect(() => recognised(['data'], { ...heads, conv1: undefined })).toThrow('widthDivisor is Infinity');
    expect(() => recognised(['data'], heads)).toThrow('widthDivisor is Infinity');
  });
});

describe.skipIf(!hasShared)('a symbol of MXNet', () => {
  /** What differs after a change to a symbol that agrees with ours. */
  function differences(
    kind: 'key' | 'current',
    change: (symbol: JsonSymbol) => unknown,
  ): readonly SymbolDifference[] {
    const symbol = JSON.parse(new TextDecoder().decode(load(`${narrow}/${kind}-symbol.json`))) as JsonSymbol;
    change(symbol);
    return compareSymbol(parseSymbol(JSON.stringify(symbol))).differences;
  }
  const node = ({ nodes }: JsonSymbol, name: string): JsonNode => nodes.find((found) => found.name === name)!;
  const attribute =
    (name: string, key: string, value: string) =>
    (symbol: JsonSymbol): void => {
      node(symbol, name).attrs![key] = value;
    };

  test.each(['key', 'current'] as const)('of the %s graph agrees with ours', (kind) => {
    expect(differences(kind, () => undefined)).toEqual([]);
  });

  test.each<[string, 'key' | 'current', (symbol: JsonSymbol) => unknown, string, string]>([
    [
      'another stride',
      'key',
      attribute('conv1', 'stride', '(1, 1)'),
      'conv1',
      'stride is [1,1] in the file, 2 in ours',
    ],
    [
      'a stride on one axis',
      'key',
      attribute('conv1', 'stride', '(2, 1)'),
      'conv1',
      'stride is [2,1] in the file, 2 in ours',
    ],
    [
      'a default changed',
      'key',
      attribute('conv1', 'num_group', '2'),
      'conv1',
      'groups is 2 in the file, 1 in ours',
    ],
    [
      'another list',
      'key',
      attribute('rois', 'scales', '(8, 16, 31)'),
      'rois',
      'scales is [8,16,31] in the file, [8,16,32] in ours',
    ],
    [
      'a longer list',
      'key',
      attribute('rois', 'scales', '(8, 16, 32, 64)'),
      'rois',
      'scales is [8,16,32,64] in the file, [8,16,32] in ours',
    ],
    [
      'other filters',
      'key',
      attribute('res2a_branch1', 'num_filter', '15'),
      'res2a_branch1',
      'has 15 filters in the file, 16 in ours',
    ],
    [
      'another kernel',
      'key',
      attribute('res2a_branch1', 'kernel', '(1, 3)'),
      'res2a_branch1',
      'has a kernel of [1,3] in the file, [1,1] in ours',
    ],
    [
      'other filters of a deconvolution',
      'current',
      attribute('deconv5', 'num_filter', '3'),
      'deconv5',
      'has 3 filters in the file',
    ],
    [
      'another operator',
      'key',
      attribute('conv1_relu', 'act_type', 'sigmoid'),
      'conv1_relu',
      'is Activation (sigmoid) in the file, relu in ours',
    ],
    [
      'an attribute that we do not know',
      'key',
      attribute('conv1', 'odd', '1'),
      'conv1',
      'attribute odd = 1 is not supported',
    ],
    [
      'another source',
      'key',
      (symbol) => (node(symbol, 'res2a_branch2b').inputs[0] = [2, 0, 0]),
      'res2a_branch2b',
      'reads data, res2a_branch2b_weight in the file, res2a_branch2a_relu:0, res2a_branch2b_weight in ours',
    ],
    [
      'another output of its source',
      'key',
      (symbol) => (node(symbol, 'rfcn_cls').inputs[0]![1] = 0),
      'rfcn_cls',
      ':0, rfcn_cls_weight, rfcn_cls_bias in the file',
    ],
    ['another head', 'key', (symbol) => symbol.heads.pop(), 'outputs', 'in the file'],
  ])('with %s is told apart', (_, kind, change, name, message) => {
    expect(differences(kind, change)).toEqual([{ node: name, message: expect.stringContaining(message) }]);
  });

  test('may say how many filters a layer without weights has', () => {
    expect(differences('key', attribute('conv1_relu', 'num_filter', '4'))).toEqual([]);
  });

  test('with another name has one node too many and one too few', () => {
    const found = differences('key', (symbol) => (node(symbol, 'rfcn_bbox').name = 'other'));
    expect(found.filter(({ message }) => !message.startsWith('reads'))).toEqual([
      { node: 'other', message: 'occurs 1 times in the file, 0 times in ours' },
      { node: 'rfcn_bbox', message: 'is missing in the file' },
    ]);
  });

  test('with a name that occurs less often is told apart', () => {
    const found = differences('key', (symbol) => (node(symbol, 'bbox_pred_reshape').name = 'res2a_branch1'));
    expect(found).toContainEqual({
      node: 'res2a_branch1',
      message: 'occurs 2 times in the file, 1 times in ours',
    });
    expect(found).toContainEqual({
      node: 'bbox_pred_reshape',
      message: 'occurs 1 times in the file, 2 times in ours',
    });
  });
});
