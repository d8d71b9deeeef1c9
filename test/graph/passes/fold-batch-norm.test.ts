import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldBatchNorm, interpret, type Network, statistics, trace } from '../../../src/graph/index.ts';
import { configure, officialGraph } from '../../../src/nets/index.ts';
import {
  batchNorm,
  convolution,
  elementwiseMul,
  mulScalar,
  named,
  relu,
  type Value,
} from '../../../src/ops/index.ts';
import { tensor } from '../../../src/tensor/index.ts';
import { values } from '../../../src/testing/index.ts';
import { parametersOf } from './kit.ts';

const network =
  (fixGamma: boolean, biased: boolean): Network<'data', 'out'> =>
  (parameters, { data }) => {
    const get = (name: string, shape: readonly number[] = [3]): ReturnType<typeof parameters.get> =>
      parameters.get(name, shape);
    const x = named(
      'conv',
      convolution(data, get('conv_weight', [3, 2, 3, 3]), biased ? get('conv_bias') : undefined, { pad: 1 }),
    );
    const norm = batchNorm(x, get('bn_gamma'), get('bn_beta'), get('bn_moving_mean'), get('bn_moving_var'), {
      fixGamma,
      statistics: 'moving',
      epsilon: 1e-5,
    });
    return { out: relu(named('bn', norm.output)) };
  };

type Change = <V extends Value>(value: V) => V;

/** What stands in the way of folding. */
interface Variant {
  readonly weight?: Change;
  readonly bias?: Change;
  readonly variance?: Change;
  readonly between?: Change;
  readonly handsOn?: boolean;
}

const same: Change = (value) => value;

function variantNetwork({
  weight = same,
  bias = same,
  variance = same,
  between = same,
  handsOn = false,
}: Variant): Network<'data', string> {
  return (parameters, { data }) => {
    const get = (name: string): ReturnType<typeof parameters.get> => parameters.get(name, [2]);
    const x = between(convolution(data, weight(parameters.get('w', [2, 1, 1, 1])), bias(get('bias'))));
    const norm = batchNorm(x, get('g'), get('b'), get('m'), variance(get('v')), { statistics: 'moving' });
    return { out: norm.output, ...(handsOn && { mean: norm.movingMean }) };
  };
}

describe('foldBatchNorm', () => {
  test('leaves outputs alone, for stored and fixed gammas, with and without a bias', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        values([1, 2, 4, 5]),
        fc.nat(),
        (fixGamma, biased, data, seed) => {
          const graph = trace(network(fixGamma, biased), { data: data.shape });
          const parameters = parametersOf(graph.parameters, seed);
          const folded = foldBatchNorm(graph);
          expect(folded.graph.nodes.map(({ operator }) => operator)).toEqual(['convolution', 'relu']);
          const expected = interpret(graph, { inputs: { data }, parameters }, { keep: ['bn_output'] });
          const got = interpret(
            folded.graph,
            { inputs: { data }, parameters: folded.parameters(parameters) },
            { keep: ['bn_output'] },
          );
          expected.kept
            .get('bn_output')!
            .data.forEach((value, i) => expect(got.kept.get('bn_output')!.data[i]).toBeCloseTo(value, 10));
          expect(got.outputs['out']!.shape).toEqual(expected.outputs['out']!.shape);
        },
      ),
    );
  });

  test('takes every batch norm out of the official networks, and costs no multiply-add more', () => {
    const graph = officialGraph('key', configure({ widthDivisor: 64 }), { height: 64, width: 64 });
    const { graph: folded, parameters } = foldBatchNorm(graph);
    expect(folded.nodes.filter(({ operator }) => operator === 'batchNorm')).toEqual([]);
    expect(graph.nodes.length - folded.nodes.length).toBe(104);
    expect(folded.parameters.length).toBe(graph.parameters.length - 104 * 3);
    expect(statistics(folded).multiplyAdds).toBe(statistics(graph).multiplyAdds);
    const source = parametersOf(graph.parameters, 1);
    for (const { name, shape } of folded.parameters)
      expect(parameters(source).get(name)?.shape).toEqual(shape);
  });

  test('leaves a batch norm alone when others read the convolution, or its statistics are those of the batch', () => {
    const shared: Network<'data', 'out' | 'before'> = (parameters, { data }) => {
      const get = (name: string): ReturnType<typeof parameters.get> => parameters.get(name, [2]);
      const before = convolution(data, parameters.get('w', [2, 1, 1, 1]));
      const { output } = batchNorm(before, get('g'), get('b'), get('m'), get('v'), { statistics: 'moving' });
      return { out: output, before };
    };
    const batch: Network<'data', 'out'> = (parameters, { data }) => {
      const get = (name: string): ReturnType<typeof parameters.get> => parameters.get(name, [2]);
      const x = convolution(data, parameters.get('w', [2, 1, 1, 1]));
      return { out: batchNorm(x, get('g'), get('b'), get('m'), get('v'), { statistics: 'batch' }).output };
    };
    for (const graph of [trace(shared, { data: [1, 1, 2, 2] }), trace(batch, { data: [1, 1, 2, 2] })]) {
      expect(foldBatchNorm(graph).graph).toEqual(graph);
    }
  });

  test.each<[string, Variant]>([
    ['the weight is computed', { weight: (w) => mulScalar(w, 2) }],
    ['the bias is computed', { bias: (b) => mulScalar(b, 2) }],
    ['one of the four statistics is computed', { variance: (v) => mulScalar(v, 2) }],
    ['somebody reads the statistics that it hands on', { handsOn: true }],
    ['its data comes from elsewhere', { between: relu }],
  ])('leaves a batch norm alone when %s', (_, variant) => {
    const graph = trace(variantNetwork(variant), { data: [1, 1, 2, 2] });
    expect(foldBatchNorm(graph).graph).toEqual(graph);
  });

  test('complains about a missing statistic by its name', () => {
    const graph = trace(network(false, false), { data: [1, 2, 4, 5] });
    const folded = foldBatchNorm(graph);
    const parameters = parametersOf(graph.parameters, 1);
    parameters.delete('bn_moving_var');
    const feeds = {
      inputs: { data: tensor([1, 2, 4, 5], new Float64Array(40)) },
      parameters: folded.parameters(parameters),
    };
    expect(() => interpret(folded.graph, feeds)).toThrow('parameter bn_moving_var (3) is missing');
  });

  test('tells convolutions of one name apart, and puts folded parameters where the weights stood', () => {
    const twins: Network<'data', 'out'> = (parameters, { data }) => {
      const layer = (k: number, x: typeof data): typeof data => {
        const get = (name: string): typeof data => parameters.get(`${name}${k}`, [1]);
        const y = named('twin', convolution(x, parameters.get(`w${k}`, [1, 1, 1, 1])));
        const attributes = { statistics: 'moving', fixGamma: false } as const;
        return batchNorm(y, get('gamma'), get('beta'), get('mean'), get('variance'), attributes).output;
      };
      return {
        out: mulScalar(elementwiseMul(layer(2, layer(1, data)), parameters.get('last', [1, 1, 1, 1])), 2),
      };
    };
    const graph = trace(twins, { data: [1, 1, 1, 1] });
    const { graph: folded, parameters } = foldBatchNorm(graph);
    expect(folded.parameters.map(({ name }) => name)).toEqual([
      'folded/twin_weight',
      'folded/twin_bias',
      'folded/twin/1_weight',
      'folded/twin/1_bias',
      'last',
    ]);
    const source = new Map(
      graph.parameters.map(({ name, shape }, k) => [name, tensor(shape, [k + 1], 'float64')] as const),
    );
    const inputs = { data: tensor([1, 1, 1, 1], [3], 'float64') };
    const [expected] = interpret(graph, { inputs, parameters: source }).outputs['out']!.data;
    const [got] = interpret(folded, { inputs, parameters: parameters(source) }).outputs['out']!.data;
    expect(got).toBeCloseTo(expected!, 10);
  });
});
