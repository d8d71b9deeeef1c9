import { describe, expect, test } from 'vitest';
import {
  type Graph,
  interpret,
  lookUp,
  optimize,
  type ParameterSource,
  trace,
} from '../../src/graph/index.ts';
import { configure, officialGraph, partialGraph } from '../../src/nets/index.ts';
import { type Converter, exportOnnx, hasOnnxForm, scalar } from '../../src/onnx/index.ts';
import {
  apply,
  batchNorm,
  blockGrad,
  convolution,
  elementwiseAdd,
  named,
  type Operator,
  proposal,
  relu,
  reshape,
  sigmoid,
  sliceChannel,
} from '../../src/ops/index.ts';
import { UnsupportedOpError } from '../../src/tensor/index.ts';
import { type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { openModel } from './onnx-backend.ts';
import { type ModelFacts, modelFacts } from './read-onnx.ts';

const none: ParameterSource = new Map();
const narrow = configure({ widthDivisor: 16, depth: 50 });
const size = { height: 40, width: 50 };

/** Parameters of any name, small and alike in every run. */
function anyParameters(graph: Graph): ReadonlyMap<string, Tensor> {
  return new Map(
    graph.parameters.map(({ name, shape }, k) => {
      const value = zeros(shape);
      for (let i = 0; i < value.data.length; i++)
        value.data[i] = Math.sin(i + k) / 8 + (name.endsWith('var') ? 1 : 0);
      return [name, value];
    }),
  );
}

function factsOf(graph: Graph, options = {}): ModelFacts {
  return modelFacts(exportOnnx(graph, anyParameters(graph), options).bytes());
}

/** Runs a graph in onnxruntime and on the reference; the outputs of both, in order. */
async function bothOf(graph: Graph, inputs: Readonly<Record<string, Tensor>>): Promise<[Tensor[], Tensor[]]> {
  const parameters = anyParameters(graph);
  const model = exportOnnx(graph, parameters);
  const opened = await openModel(model);
  const got = await opened.run(inputs);
  await opened.release();
  const { outputs } = interpret(graph, { inputs, parameters });
  return [model.outputs.map(({ name }) => got[name]!), graph.outputs.map(({ name }) => outputs[name]!)];
}

describe('the file', () => {
  test('says which opset it needs and who wrote it, and carries texts', () => {
    const graph = trace((_, { x }) => ({ y: relu(x) }), { x: [2, 3] });
    expect(factsOf(graph, { name: 'tiny', metadata: { by: 'me' } })).toEqual({
      irVersion: 8,
      opset: 16,
      producer: 'deep-feature-flow',
      name: 'tiny',
      nodes: [{ name: 'relu0', type: 'Relu', inputs: ['x'], outputs: ['y'], attributes: {} }],
      initializers: [],
      inputs: [{ name: 'x', type: 1, shape: [2, 3] }],
      outputs: [{ name: 'y', type: 1, shape: [2, 3] }],
      inner: [],
      metadata: { by: 'me' },
    });
  });

  test.each(['feature', 'flow'] as const)('holds the whole graph %s, each name once', (kind) => {
    const graph = partialGraph(kind, narrow, size);
    const parameters = anyParameters(graph);
    const model = exportOnnx(graph, parameters);
    const { nodes, initializers, inputs, outputs, inner } = modelFacts(model.bytes());
    expect(model.nodes).toBe(nodes.length);
    const values = [...inputs, ...initializers].map(({ name }) => name);
    for (const node of nodes) {
      for (const input of node.inputs) expect(values).toContain(input); // in an order in which they can be computed
      values.push(...node.outputs);
    }
    expect(new Set(values).size).toBe(values.length);
    expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
    expect(outputs.every(({ name }) => values.includes(name))).toBe(true);
    expect(inner.every(({ name }) => values.includes(name))).toBe(true);
    for (const { name, shape } of graph.parameters) {
      const stored = initializers.find((each) => each.name === name)!;
      expect(stored.shape).toEqual(shape);
      expect(stored.values).toEqual([...lookUp(parameters, name, shape).data]);
    }
    const official = new Set(nodes.map(({ name }) => name));
    expect(graph.nodes.filter(({ name }) => !official.has(name))).toEqual([]);
  });

  test('comes in pieces that are the whole, and its length is known before', () => {
    const { graph, parameters } = optimize(partialGraph('feature', narrow, size));
    const source = anyParameters(partialGraph('feature', narrow, size));
    const model = exportOnnx(graph, parameters(source));
    const chunks = [...model.chunks()];
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBe(model.byteLength);
    expect(Buffer.concat(chunks).equals(model.bytes())).toBe(true);
  });

  test('is refused where a weight is missing, when the weight is reached', () => {
    const graph = partialGraph('flow', narrow, size);
    const model = exportOnnx(graph, none);
    expect(() => model.bytes()).toThrow('parameter flow_conv1_weight (4x6x7x7) is missing');
  });

  test('is refused where it would be larger than its format can say', () => {
    const graph = trace(
      (parameters, { x }) => ({ y: elementwiseAdd(x, parameters.get('w', [1 << 15, 1 << 15])) }),
      { x: [1 << 15, 1 << 15] },
    );
    expect(() => exportOnnx(graph, none)).toThrow('ONNX files have less than 2 GB');
  });
});

describe('names', () => {
  test('are told apart where nodes share one', async () => {
    const graph = trace(
      (_, { x }) => {
        const twice = [named('same', relu(x)), named('same', sigmoid(x))] as const;
        return { sum: elementwiseAdd(elementwiseAdd(...twice), twice[0]) };
      },
      { x: [4] },
    );
    const { nodes } = factsOf(graph);
    expect(nodes.slice(0, 2).map(({ name, outputs }) => [name, ...outputs])).toEqual([
      ['same', 'same_output'],
      ['same_1', 'same_output_1'],
    ]);
    const [got, expected] = await bothOf(graph, { x: tensor([4], [-1, 0, 1, 2]) });
    expect(got[0]!.data[3]).toBeCloseTo(expected[0]!.data[3]!, 6);
  });

  test('of outputs are kept: one value under two names, an input passed through, a parameter', async () => {
    const graph = trace(
      (parameters, { x }) => {
        const y = relu(x);
        return { x, first: y, second: y, renamed: x, weight: parameters.get('w', [2]), z: blockGrad(y) };
      },
      { x: [3] },
    );
    const [got, expected] = await bothOf(graph, { x: tensor([3], [-1, 2, 3]) });
    expect(got).toEqual(expected);
    expect(factsOf(graph).outputs.map(({ name }) => name)).toEqual(graph.outputs.map(({ name }) => name));
  });

  test('of outputs that an input has too get a number, which the model tells', async () => {
    const graph = trace((_, { x }) => ({ x: relu(x) }), { x: [3] });
    expect(exportOnnx(graph, none).outputs).toEqual([{ name: 'x_1', shape: [3] }]);
    const [got, expected] = await bothOf(graph, { x: tensor([3], [-1, 2, 3]) });
    expect(got).toEqual(expected);
  });

  test('of outputs that nobody reads are not made up', async () => {
    const graph = trace((_, { x }) => ({ second: sliceChannel(x, { outputs: 3 })[1]! }), { x: [1, 3, 2] });
    const [got, expected] = await bothOf(graph, { x: tensor([1, 3, 2], [1, 2, 3, 4, 5, 6]) });
    expect(got).toEqual(expected);
    const { inner } = factsOf(graph);
    expect(inner).toEqual([]);
  });

  test('of moving statistics that are outputs are copies', async () => {
    const shape = [1, 2, 1, 1];
    const graph = trace(
      (parameters, { x }) => {
        const get = (name: string) => parameters.get(name, [2]);
        const attributes = { statistics: 'moving', fixGamma: false } as const;
        return { ...batchNorm(x, get('g'), get('b'), get('m'), get('var'), attributes) };
      },
      { x: shape },
    );
    const [got, expected] = await bothOf(graph, { x: tensor(shape, [1, 2]) });
    expect(got.slice(1)).toEqual(expected.slice(1));
  });
});

describe('what has no ONNX form', () => {
  const box = { featureStride: 16, scales: [8], ratios: [1], preNms: 10, postNms: 5, threshold: 0.7 };
  const shapes = { scores: [1, 2, 3, 4], boxes: [1, 4, 3, 4], info: [1, 3] };
  /** A map, regions chosen from it, and something made of those. */
  const choosing = (): Graph =>
    trace((_, { scores, boxes, info }) => {
      const probability = named('probability', sigmoid(scores));
      const { rois } = proposal(probability, named('corrections', relu(boxes)), info, { ...box, minSize: 0 });
      const chosen = named('chosen', rois);
      return { map: relu(scores), regions: named('shown', reshape(chosen, { shape: [-1] })) };
    }, shapes);

  test('is refused by the name of the first such node, with what a cut would hand out', () => {
    expect(() => exportOnnx(choosing(), none)).toThrow(UnsupportedOpError);
    expect(() => exportOnnx(choosing(), none)).toThrow(
      'node chosen is a proposal, which has no ONNX form; { cut: true } (dff export --cut) ends the graph before it and hands out probability_output, corrections_output',
    );
  });

  test('is cut away: what it reads becomes outputs, what follows and its own inputs are gone', () => {
    const model = exportOnnx(choosing(), none, { cut: true });
    expect(model.cutAt).toEqual([{ name: 'chosen', operator: 'proposal' }]);
    expect(model.outputs.map(({ name }) => name)).toEqual([
      'map',
      'probability_output',
      'corrections_output',
    ]);
    expect(model.inputs.map(({ name }) => name)).toEqual(['scores', 'boxes']);
  });

  test('does not matter where no output depends on it', () => {
    const graph = choosing();
    const map = { ...graph, outputs: graph.outputs.slice(0, 1) };
    expect(exportOnnx(map, none).nodes).toBe(1);
    expect(exportOnnx(map, none, { cut: true })).toMatchObject({ nodes: 1, cutAt: [] });
  });

  test('cannot be cut away where it comes first', () => {
    const graph = trace(
      (_, { scores, boxes, info }) => ({ ...proposal(scores, boxes, info, { ...box, minSize: 0 }) }),
      shapes,
    );
    for (const cut of [true, false]) {
      expect(() => exportOnnx(graph, none, { cut })).toThrow(
        'proposal0 is a proposal, which has no ONNX form; no part of the graph comes before it',
      );
    }
  });

  test.each(['key', 'current', 'batch', 'frame'] as const)('ends the graph %s in maps', (kind) => {
    const graph = officialGraph(kind, narrow, size);
    const { cutAt, outputs } = exportOnnx(graph, none, { cut: true });
    expect(cutAt.map(({ name }) => name)).toEqual(['rois', 'psroipooled_cls_rois', 'psroipooled_loc_rois']);
    expect(outputs.map(({ name }) => name)).toEqual([
      ...(kind === 'key' ? ['feat_conv_3x3_relu_output'] : []),
      'rpn_cls_prob_reshape_output',
      expect.stringMatching(/^custom\d_out_bbox_pred$/),
      'rfcn_cls_output',
      'rfcn_bbox_output',
    ]);
  });

  test('can be given one: operators of your own are written by a converter of yours', async () => {
    const cube: Operator<readonly ['data']> = {
      name: 'cube',
      inputs: ['data'],
      outputs: ['output'],
      defaults: {},
      shape: ([data]) => [data],
      forward: ([out], [data]) => out.data.set(data.data.map((x) => x ** 3)),
    };
    const graph = trace((_, { x }) => ({ y: apply(cube, [x], {})[0] }), { x: [3] });
    expect(hasOnnxForm('cube')).toBe(false);
    expect(() => exportOnnx(graph, none)).toThrow('node cube0 is a cube, which has no ONNX form');
    const converter: Converter = (call) => call.emit('Pow', [call.inputs[0]!, scalar(call, 'three', 3)]);
    const opened = await openModel(exportOnnx(graph, none, { converters: { cube: converter } }));
    expect((await opened.run({ x: tensor([3], [1, 2, -3]) }))['y']!.data).toEqual(Float32Array.of(1, 8, -27));
    await opened.release();
  });
});

test('float64 weights are exported as float32', async () => {
  const graph = trace((parameters, { x }) => ({ y: convolution(x, parameters.get('w', [1, 1, 1, 1])) }), {
    x: [1, 1, 2, 2],
  });
  const weights = new Map([['w', tensor([1, 1, 1, 1], Float64Array.of(0.1), 'float64')]]);
  const { initializers } = modelFacts(exportOnnx(graph, weights).bytes());
  expect(initializers[0]!.values).toEqual([Math.fround(0.1)]);
});
