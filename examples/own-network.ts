/**
 * Writes an operator out of others and a network out of layers, and lets the graph be used: count what it costs, run it,
 * differentiate it.
 *
 *   node scripts/run.mjs examples/own-network.ts
 */
import { differentiate, interpret, statistics, trace } from 'deep-feature-flow/graph';
import type { Network } from 'deep-feature-flow/graph';
import { layers } from 'deep-feature-flow/nets';
import { elementwiseMul, mean, sigmoid } from 'deep-feature-flow/ops';
import type { Value } from 'deep-feature-flow/ops';
import { elementCount, tensor } from 'deep-feature-flow/tensor';

/** x · sigmoid(x). Made of operators, it computes on tensors, is recorded in graphs and has a gradient. */
function swish<V extends Value>(x: V): V {
  return elementwiseMul(x, sigmoid(x));
}

/** Two convolutions and a mean over positions: N×3×H×W to N×4. */
const network: Network<'image', 'scores' | 'loss'> = (parameters, { image }) => {
  const layer = layers(parameters);
  const hidden = swish(layer.convolution('first', image, { filters: 8, kernel: 3, stride: 2, pad: 1 }));
  const scores = mean(layer.convolution('second', hidden, { filters: 4, kernel: 1 }), { axes: [2, 3] });
  return { scores, loss: mean(elementwiseMul(scores, scores)) };
};

const graph = trace(network, { image: [1, 3, 16, 16] });
console.log(graph.nodes.map(({ name }) => name).join(' -> '));
console.log(graph.parameters.map(({ name, shape }) => `${name} ${shape.join('x')}`).join(', '));
console.log(`${statistics(graph).multiplyAdds} multiply-adds`);

// Any numbers will do.
const wave = (shape: readonly number[]): ReturnType<typeof tensor> =>
  tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, (_, i) => Math.sin(i)),
  );
const parameters = new Map(graph.parameters.map(({ name, shape }) => [name, wave(shape)]));
const inputs = { image: wave([1, 3, 16, 16]) };
const { outputs } = interpret(graph, { inputs, parameters });
console.log('scores', [...outputs['scores']!.data].map((x) => x.toFixed(4)).join(' '));

// The gradient is a graph too. A step against it makes the loss smaller.
const training = differentiate(graph, 'loss', ['second_bias']);
const first = interpret(training, { inputs, parameters }).outputs;
const gradient = first['gradient/second_bias']!;
const bias = parameters.get('second_bias')!;
parameters.set(
  'second_bias',
  tensor(
    [4],
    bias.data.map((x, i) => x - 0.5 * gradient.data[i]!),
  ),
);
const second = interpret(graph, { inputs, parameters }).outputs;
console.log(
  `loss ${first['loss']!.data[0]!.toFixed(4)}, after a step ${second['loss']!.data[0]!.toFixed(4)}`,
);
