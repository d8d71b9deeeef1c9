import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/tensor/index.ts';
import { isVariable, type MxnetSymbol, parseSymbol, pythonLiteral } from '../../weights-converter/index.ts';
import { hasShared, shared } from '../shared.ts';
import { load, narrow, openFixture } from './kit.ts';

const parse = (path: string): MxnetSymbol => parseSymbol(new TextDecoder().decode(load(path)), path);

describe.skipIf(!hasShared)('symbol files of MXNet', () => {
  test('an old one: attributes in `param`, references of two numbers, no version', () => {
    const symbol = parse('fixtures/params/det1-symbol.json');
    expect([symbol.nodes.length, symbol.version]).toEqual([24, 800]);
    const conv1 = symbol.nodes.find(({ name }) => name === 'conv1')!;
    expect(conv1.operator).toBe('Convolution');
    expect(conv1.attributes).toMatchObject({
      kernel: [3, 3],
      num_filter: 10,
      no_bias: false,
      cudnn_tune: 'off',
    });
    expect(conv1.attributeText['kernel']).toBe('(3,3)');
    expect(conv1.inputs.map(({ node }) => symbol.nodes[node]!.name)).toEqual([
      'data',
      'conv1_weight',
      'conv1_bias',
    ]);
    expect(symbol.heads.map(({ node }) => symbol.nodes[node]!.name)).toEqual(['conv4_2', 'prob1']);
  });

  test('its variables are the arrays of its checkpoint and the data', async () => {
    const file = await openFixture('fixtures/params/det1-0001.params');
    const symbol = parse('fixtures/params/det1-symbol.json');
    const names = file.entries.map(({ name }) => name.replace('arg:', ''));
    expect(new Set(symbol.inputs)).toEqual(new Set([...names, 'data']));
  });

  const symbols = hasShared
    ? readdirSync(shared(narrow)).filter((name) => name.endsWith('-symbol.json'))
    : [];
  test.each(symbols)('%s: every parameter is in the checkpoint, with its prefix', async (name) => {
    const symbol = parse(`${narrow}/${name}`);
    expect(symbol.version).toBe(10901);
    const checkpoint = name.startsWith('frame') ? 'narrow-frame-0000.params' : 'narrow-0000.params';
    const file = await openFixture(`${narrow}/${checkpoint}`);
    const stored = new Set(file.entries.map((entry) => entry.name));
    const auxiliary = new Set(symbol.auxiliaryStates);
    const fed = /^(data|data_.*|feat_key|im_info|eq_flag|gt_boxes|label|bbox_target|bbox_weight)$/;
    const parameters = symbol.inputs.filter((input) => !fed.test(input));
    const missing = parameters.filter(
      (input) => !stored.has(`${auxiliary.has(input) ? 'aux' : 'arg'}:${input}`),
    );
    expect(missing).toEqual([]);
    expect(parameters.length).toBeGreaterThan(50);
  });

  test('a current one: batch norms with all five inputs', () => {
    const symbol = parse(`${narrow}/key-symbol.json`);
    const norm = symbol.nodes.find(({ name }) => name === 'bn_conv1')!;
    expect(norm.attributes).toMatchObject({ eps: 1e-5, fix_gamma: false, use_global_stats: true });
    expect(norm.inputs.slice(1).map(({ node }) => symbol.nodes[node]!.name)).toEqual([
      'bn_conv1_gamma',
      'bn_conv1_beta',
      'bn_conv1_moving_mean',
      'bn_conv1_moving_var',
    ]);
    expect(symbol.auxiliaryStates.length).toBe(208);
    expect(symbol.nodes.filter(isVariable).length).toBe(symbol.inputs.length);
  });
});

const variable = (name: string): object => ({ op: 'null', name, inputs: [] });
const file = (nodes: unknown, rest: object = { heads: [[0, 0]] }): string =>
  JSON.stringify({ nodes, ...rest });

describe('symbol files', () => {
  test('auxiliary states that old files leave out are named', () => {
    const nodes = ['x', 'g', 'b'].map(variable);
    const symbol = parseSymbol(
      file([
        ...nodes,
        {
          op: 'BatchNorm',
          name: 'bn',
          inputs: [
            [0, 0],
            [1, 0],
            [2, 0],
          ],
        },
      ]),
    );
    expect(symbol.auxiliaryStates).toEqual(['bn_moving_mean', 'bn_moving_var']);
  });

  test('of a batch norm, everything after beta is auxiliary', () => {
    const auxiliary = (count: number): readonly string[] => {
      const nodes = ['x', 'g', 'b', 'm', 'v'].map(variable);
      const inputs = Array.from({ length: count }, (_, k) => [k, 0]);
      return parseSymbol(file([...nodes, { op: 'BatchNorm', name: 'bn', inputs }])).auxiliaryStates;
    };
    expect([auxiliary(5), auxiliary(4)]).toEqual([['m', 'v'], ['m']]);
  });

  test('what is wrong with the JSON is told in one line', () => {
    const broken = '{"nodes":\n\n\t x}';
    expect(() => parseSymbol(broken, 'x.json')).toThrow(/^x\.json: not JSON, \S+(?: \S+)*$/);
  });

  test('`param`, `attr` and `attrs` are merged, and names from the prototype are names', () => {
    const text = `{"nodes":[{"op":"X","name":"x","param":{"a":"1"},"attr":{"b":"2"},"attrs":{"__proto__":"3"}}],"heads":[[0]]}`;
    const [node] = parseSymbol(text).nodes;
    expect(Object.entries(node!.attributes)).toEqual([
      ['a', 1],
      ['b', 2],
      ['__proto__', 3],
    ]);
  });

  test.each([
    ['text that is not JSON', '{', 'x.json: not JSON'],
    ['a list', '[]', 'x.json: expected an object, got a list'],
    ['no nodes', '{}', 'x.json: JSON, but not an MXNet symbol, it has no nodes'],
    ['no heads', file([variable('a')], {}), 'heads: expected a list, got nothing'],
    ['a node that is a number', file([1]), 'node 0: expected an object, got "1"'],
    ['a node called null', file([{ op: 'null', name: null }]), 'node 0, name: expected text, got "null"'],
    ['a node called {}', file([{ op: 'null', name: {} }]), 'node 0, name: expected text, got an object'],
    [
      'a head at minus zero',
      '{"nodes":[{"op":"null","name":"a"}],"heads":[[-0,0]]}',
      'is no pair of node and output',
    ],
    ['a node without a name', file([{ op: 'null' }]), 'node 0, name: expected text, got nothing'],
    [
      'an attribute that is not text',
      file([{ op: 'X', name: 'x', attrs: { a: 1 } }]),
      'attribute "a": expected text, got "1"',
    ],
    [
      'an input that comes later',
      file([{ op: 'X', name: 'x', inputs: [[0, 0]] }]),
      'node 0, input: refers to node 0, expected one before 0',
    ],
    [
      'an input that is no pair',
      file([variable('a'), { op: 'X', name: 'x', inputs: [['0', 0]] }]),
      'is no pair of node and output',
    ],
    [
      'a variable with inputs',
      file([variable('a'), { op: 'null', name: 'x', inputs: [[0, 0]] }]),
      'node 1 ("x") is a variable but has inputs',
    ],
    ['a head that does not exist', file([variable('a')], { heads: [[1, 0]] }), 'head 0: refers to node 1'],
    [
      'a version that is text',
      file([variable('a')], { heads: [[0]], attrs: { mxnet_version: ['int', '9'] } }),
      'mxnet_version: expected a whole number',
    ],
  ])('%s is refused', (_, text, message) => {
    expect(() => parseSymbol(text, 'x.json')).toThrow(message);
    expect(() => parseSymbol(text, 'x.json')).toThrow(FormatError);
  });

  test('lists nested a million deep are refused or read, never a crash', () => {
    const deep = '['.repeat(1e6) + ']'.repeat(1e6);
    expect(() => parseSymbol(`{"nodes":${deep},"heads":[]}`)).toThrow(FormatError);
    const text = '('.repeat(9000) + ')'.repeat(9000);
    expect(pythonLiteral(text)).toBe(text);
  });
});

test.each([
  ['(3, 3)', [3, 3]],
  ['(3,3)', [3, 3]],
  ['(2L, 2L)', [2, 2]],
  ['(1,)', [1]],
  ['()', []],
  ['[0.5, 1, 2e0]', [0.5, 1, 2]],
  ['(0, None)', [0, null]],
  [
    '((1, 2), (3, 4))',
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['(\'a\', "b\\"c")', ['a', 'b"c']],
  ['1e-05', 1e-5],
  ['-1', -1],
  ['.5', 0.5],
  [' 7 ', 7],
  ['True', true],
  ['False', false],
  ['None', null],
  ['max', 'max'],
  ['', ''],
  ['Truely', 'Truely'],
  ['1 2', '1 2'],
  ['(1, 2', '(1, 2'],
  ['(1 2)', '(1 2)'],
  ['(,)', '(,)'],
  ['["zero", {}]', '["zero", {}]'],
  ['0x10', '0x10'],
])('the Python literal %j is %j', (text, value) => {
  expect(pythonLiteral(text)).toEqual(value);
});

test('lists are read down to sixteen in each other and to 10000 characters, beyond is text', () => {
  const nested = (depth: number): string => '('.repeat(depth) + ')'.repeat(depth);
  expect(JSON.stringify(pythonLiteral(nested(16)))).toBe('['.repeat(16) + ']'.repeat(16));
  expect(pythonLiteral(nested(17))).toBe(nested(17));
  const long = `(${'1,'.repeat(4999)})`;
  expect(pythonLiteral(long)).toEqual(Array<number>(4999).fill(1));
  expect(pythonLiteral(`${long} `)).toBe(`${long} `);
});
