/** Random networks, their parameters, and what must hold of a graph that a pass has changed. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect } from 'vitest';
import {
  type Graph,
  interpret,
  type Network,
  type ParameterSource,
  references,
  shapeOf,
  trace,
} from '../../../src/graph/index.ts';
import {
  batchNorm,
  bilinearSampler,
  blockGrad,
  broadcastAdd,
  concat,
  convolution,
  crop,
  deconvolution,
  elementwiseAdd,
  elementwiseMul,
  gridGenerator,
  leakyRelu,
  type OperatorName,
  operators,
  relu,
  reshape,
  slice,
  sliceChannel,
  type Value,
} from '../../../src/ops/index.ts';
import { elementCount, type Shape, type Tensor, tensor } from '../../../src/tensor/index.ts';
import { randomNumbers, runs } from '../../../src/testing/index.ts';

/** Repeatable numbers between ± ½; variances, between ½ and 1½, stay positive. */
export function parametersOf(
  ports: readonly { readonly name: string; readonly shape: Shape }[],
  seed: number,
): Map<string, Tensor> {
  const next = randomNumbers(seed);
  return new Map(
    ports.map(({ name, shape }) => {
      const centre = name.endsWith('_var') ? 1 : 0;
      const data = Float64Array.from({ length: elementCount(shape) }, () => centre + next() / 2);
      return [name, tensor(shape, data)];
    }),
  );
}

/** Every value of a random network has this shape, so that any two can be joined. */
const SHAPE = [1, 2, 4, 4];

/** One step of a random network: makes a value of two that are there, with parameters of its own. */
type Step = <V extends Value>(a: V, b: V, get: (name: string, shape: Shape) => V) => V;

const steps: Readonly<Record<string, Step>> = {
  convolution: (a, _, get) => convolution(a, get('weight', [2, 2, 3, 3]), get('bias', [2]), { pad: 1 }),
  grouped: (a, _, get) => convolution(a, get('weight', [2, 1, 1, 1]), undefined, { groups: 2 }),
  normalized: (a, _, get) => {
    const [gamma, beta, mean, variance] = ['gamma', 'beta', 'mean', 'var'].map((name) => get(name, [2]));
    const layer = convolution(a, get('weight', [2, 2, 1, 1]));
    const attributes = { statistics: 'moving', fixGamma: false } as const;
    return batchNorm(layer, gamma!, beta!, mean!, variance!, attributes).output;
  },
  relu: (a) => relu(a),
  leaky: (a) => leakyRelu(a, { slope: 0.1 }),
  mirrored: (a) => leakyRelu(a, { slope: -0.5 }),
  sum: (a, b) => elementwiseAdd(a, b),
  broadcastSum: (a, b) => broadcastAdd(a, b),
  shift: (a, _, get) => broadcastAdd(a, get('shift', [1, 2, 1, 1])),
  product: (a, b) => elementwiseMul(a, b),
  upsampled: (a, b, get) =>
    crop(deconvolution(a, get('weight', [2, 2, 4, 4]), get('bias', [2]), { stride: 2 }), b, { offset: 1 }),
  deconvolution: (a, _, get) => deconvolution(a, get('weight', [2, 2, 3, 3]), undefined, { pad: 1 }),
  sampled: (a, b) => bilinearSampler(a, gridGenerator(b)),
  warped: (a, b, get) => elementwiseMul(bilinearSampler(a, gridGenerator(b)), get('scale', SHAPE)),
  stopped: (a) => blockGrad(a),
  folded: (a) => reshape(reshape(reshape(a, { shape: [-1] }), { shape: [2, 16] }), { shape: SHAPE }),
  same: (a) => concat([reshape(a, { shape: [0, 0, 0, 0] })]),
  halves: (a) => concat([...sliceChannel(a, { outputs: 2 })].toReversed()),
  whole: (a) => sliceChannel(a, { outputs: 1 })[0]!,
  reversed: (a) => slice(a, { begin: [null], end: [null], step: [-1] }),
  flipped: (a) => slice(a, { begin: [null, null], end: [null, null], step: [1, -1] }),
};

/** Up to a dozen steps; some results are outputs, the others are read by later steps or by nobody. */
export const randomGraphs: fc.Arbitrary<Graph> = fc
  .array(
    fc.record({
      step: fc.constantFrom(...Object.keys(steps)),
      a: fc.nat({ max: 2 }),
      b: fc.nat({ max: 4 }),
      output: fc.nat({ max: 4 }).map((k) => k === 0),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((list) => {
    const network: Network<'x' | 'y', string> = (parameters, { x, y }) => {
      const made = [y, x];
      // Mostly the last value, so that steps come behind each other.
      const before = (distance: number): typeof x => made[Math.max(0, made.length - 1 - distance)]!;
      const outputs: Record<string, typeof x> = {};
      list.forEach(({ step, a, b, output }, k) => {
        const get = (name: string, shape: Shape): typeof x => parameters.get(`${k}_${name}`, shape);
        made.push(steps[step]!(before(a), before(b), get));
        if (output || k === list.length - 1) outputs[`out${k}`] = before(0);
      });
      return outputs;
    };
    return trace(network, { x: SHAPE, y: SHAPE });
  });

/** Outputs of a graph with two inputs of the shape of random networks, or any others. */
export function outputsOf(
  graph: Graph,
  parameters: ParameterSource,
  seed: number,
): Readonly<Record<string, Tensor>> {
  const inputs = Object.fromEntries(parametersOf(graph.inputs, seed));
  return interpret(graph, { inputs, parameters }).outputs;
}

/** Largest distance between outputs, relative to 1 + |expected|; infinite where shapes or names differ. */
export function distanceBetween(
  got: Readonly<Record<string, Tensor>>,
  expected: Readonly<Record<string, Tensor>>,
): number {
  expect(Object.keys(got)).toEqual(Object.keys(expected));
  return Math.max(
    ...Object.entries(expected).map(([name, { shape, data }]) => {
      expect([name, got[name]!.shape]).toEqual([name, shape]);
      return Array.from(data).reduce(
        (largest, x, i) => Math.max(largest, Math.abs(got[name]!.data[i]! - x) / (1 + Math.abs(x))),
        0,
      );
    }),
  );
}

/** Every node reads what was computed before it, and has the shapes and all the attributes that its operator gives it. */
export function expectWellFormed(graph: Graph): void {
  const problems = graph.nodes.flatMap((node, index) => {
    const late = node.inputs.some((ref) => ref.from === 'node' && ref.index >= index);
    const operator = operators[node.operator as OperatorName];
    const expected = operator.shape(
      node.inputs.map((ref) => shapeOf(graph, ref)),
      node.attributes,
    );
    const missing = Object.keys(operator.defaults).filter((name) => !Object.hasOwn(node.attributes, name));
    return [
      ...(late ? [`${node.name} reads what comes later`] : []),
      ...(isDeepStrictEqual(node.shapes, expected) ? [] : [`${node.name} has other shapes`]),
      ...(node.outputs.length === expected.length ? [] : [`${node.name} has other outputs`]),
      ...missing.map((name) => `${node.name} has no ${name}`),
    ];
  });
  expect(problems).toEqual([]);
  const dangling = references(graph).filter((ref) => !Array.isArray(shapeOf(graph, ref)));
  expect(dangling).toEqual([]);
  expect(isDeepStrictEqual(JSON.parse(JSON.stringify(graph)), graph)).toBe(true);
}

/** Holds a pass to its promise on random networks: a graph that is well formed and gives the same bits. */
export function holdToSameBits(pass: (graph: Graph) => Graph): void {
  fc.assert(
    fc.property(randomGraphs, fc.nat(), (graph, seed) => {
      const changed = pass(graph);
      expectWellFormed(changed);
      expect(changed.inputs).toEqual(graph.inputs);
      const parameters = parametersOf(graph.parameters, seed);
      expect(outputsOf(changed, parameters, seed)).toEqual(outputsOf(graph, parameters, seed));
    }),
    { numRuns: runs() },
  );
}

/** Nodes as `name operator`. */
export function nodesOf(graph: Graph): string[] {
  return graph.nodes.map(({ name, operator }) => `${name} ${operator}`);
}
