import { describe, expect, test } from 'vitest';
import { type Graph, interpret, nameOf, statistics } from '../../src/graph/index.ts';
import {
  configure,
  officialConfiguration,
  officialGraph,
  type PartKind,
  partialGraph,
} from '../../src/nets/index.ts';
import { type Tensor, zeros } from '../../src/tensor/index.ts';

/** The part, the official graph that holds it, and the names of its outputs there. */
const parts = [
  ['feature', 'key', ['feat_conv_3x3_relu_output']],
  ['flow', 'current', ['_mulscalar0_output', 'Convolution5_scale_output']],
] as const;

/** Small numbers, alike in every run; variances above 0. */
function parametersOf(...graphs: Graph[]): ReadonlyMap<string, Tensor> {
  const ports = graphs.flatMap(({ parameters }) => parameters);
  return new Map(
    ports.map(({ name, shape }) => {
      const value = zeros(shape);
      const base = name.endsWith('var') ? 1 : 0;
      for (let i = 0; i < value.data.length; i++) value.data[i] = base + Math.sin(i + name.length) / 8;
      return [name, value];
    }),
  );
}

describe.each(parts)('the part %s', (kind, whole, names) => {
  const size = { height: 600, width: 1000 };
  const part = partialGraph(kind, officialConfiguration, size);
  const official = officialGraph(whole, officialConfiguration, size);

  test('has nodes and parameters of the official graph, under the same names, at the same cost', () => {
    const nodesOf = ({ nodes }: Graph) =>
      nodes.map(({ name, operator, attributes, shapes }) => ({ name, operator, attributes, shapes }));
    const all = new Map(nodesOf(official).map((node) => [node.name, node]));
    for (const node of nodesOf(part)) expect(node).toEqual(all.get(node.name));
    const known = new Map(official.parameters.map(({ name, shape }) => [name, shape]));
    for (const { name, shape } of part.parameters) expect(shape).toEqual(known.get(name));
    expect(part.outputs.map(({ value }) => nameOf(part, value))).toEqual(names);
    const costs = new Map(statistics(official).nodes.map((node) => [node.name, node]));
    for (const node of statistics(part).nodes) expect(node).toEqual(costs.get(node.name));
  });

  test('gives the bits of the official graph', () => {
    const configuration = configure({ depth: 50, widthDivisor: 64 });
    const small = { height: 40, width: 50 };
    const [one, all] = [
      partialGraph(kind, configuration, small),
      officialGraph(whole, configuration, small),
    ] as const;
    const parameters = parametersOf(one, all);
    const inputs = Object.fromEntries(
      all.inputs.map(({ name, shape }, k) => {
        const value = zeros(shape);
        for (let i = 0; i < value.data.length; i++) value.data[i] = 50 * Math.cos(i / 7 + k);
        return [name, value];
      }),
    );
    const { outputs } = interpret(one, { inputs, parameters });
    const { kept } = interpret(all, { inputs, parameters }, { keep: names });
    Object.values(outputs).forEach((output, k) => expect(output).toEqual(kept.get(names[k]!)));
  });
});

test('images have a least size and a number', () => {
  expect(() => partialGraph('flow', officialConfiguration, { height: 32, width: 100 })).toThrow(
    'network flow: image is 100x32 pixels, expected at least 33x33',
  );
  const { outputs, nodes } = partialGraph('feature', officialConfiguration, {
    height: 100,
    width: 80,
    images: 3,
  });
  expect(outputs.map(({ name }) => name)).toEqual(['feat_conv_3x3_relu_output']);
  expect(nodes.at(-1)!.shapes).toEqual([[3, 1024, 7, 5]]);
});

test('another part is refused', () => {
  const unknown = 'heads' as PartKind;
  expect(() => partialGraph(unknown, officialConfiguration, { height: 100, width: 80 })).toThrow(
    'network heads: there is no such part, only feature and flow',
  );
});
