import { describe, expect, test } from 'vitest';
import {
  createBackend,
  type DeviceTensor,
  isDeviceTensor,
  referenceBackend,
} from '../../src/backends/index.ts';
import { trace } from '../../src/graph/index.ts';
import { exp, named } from '../../src/ops/index.ts';
import { type Tensor, tensor, zeros } from '../../src/tensor/index.ts';

const graph = trace(
  (_, { x }) => {
    let y = x;
    for (let k = 0; k < 40; k++) y = named(`step${k}`, exp(y));
    return { out: y };
  },
  { x: [1] },
);
const parameters = new Map<string, Tensor>();

describe('the reference backend', () => {
  test('runs a graph, returns kept values and reports a time per node', async () => {
    const plan = await referenceBackend().compile(graph, parameters);
    const result = await plan.run({ x: tensor([1], [-1]) }, { keep: ['step0_output'] });
    expect((result['step0_output'] as Tensor).data[0]).toBeCloseTo(Math.exp(-1), 6);
    const { backend, nodes } = plan.report();
    expect(backend).toBe('reference');
    expect(nodes.map(({ name }) => name)).toEqual(graph.nodes.map(({ name }) => name));
    expect(nodes.every(({ milliseconds }) => milliseconds >= 0)).toBe(true);
  });

  test('reads back what lives on a device', async () => {
    const device: DeviceTensor = {
      backend: 'elsewhere',
      shape: [1],
      read: () => Promise.resolve(tensor([1], [0])),
      dispose() {},
    };
    expect(isDeviceTensor(device)).toBe(true);
    const small = trace((_, { x }) => ({ out: exp(x) }), { x: [1] });
    const plan = await referenceBackend().compile(small, parameters);
    expect(((await plan.run({ x: device }))['out'] as Tensor).data[0]).toBe(1);
  });

  test('does not start when it was cancelled before', async () => {
    const plan = await referenceBackend().compile(graph, parameters);
    await expect(
      plan.run({ x: zeros([1]) }, { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
  });

  test('stops between nodes when it is cancelled meanwhile', async () => {
    const big = trace(
      (_, { x }) => {
        let y = x;
        for (let k = 0; k < 400; k++) y = exp(y);
        return { out: y };
      },
      { x: [200_000] },
    );
    const plan = await referenceBackend().compile(big, parameters);
    const controller = new AbortController();
    const run = plan.run({ x: zeros([200_000]) }, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 0);
    await expect(run).rejects.toThrow('enough');
  });
});

test('a backend that does not exist is refused by name', async () => {
  await expect(createBackend('abacus')).rejects.toThrow(
    'backend abacus does not exist; there is reference, wasm, gpu',
  );
});
