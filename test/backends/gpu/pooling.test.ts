import { afterAll, describe, expect, test } from 'vitest';
import { gpuBackend } from '../../../src/backends/gpu/index.ts';
import { type Graph, trace } from '../../../src/graph/index.ts';
import { maxPoolingGradient, runOperator, operators } from '../../../src/ops/index.ts';
import { tensor } from '../../../src/tensor/index.ts';
import { runFast } from './emulator.ts';

describe('the fast pooling', () => {
  const below = tensor(
    [1, 3, 3, 3],
    Float32Array.from({ length: 27 }, (_, i) => -1 - i),
  );
  const window = { kernel: 3, stride: 2, pad: 1 } as const;

  test('does not let the zeros around an image win among negative numbers', () => {
    const attributes = { ...window, type: 'max' };
    const [expected] = runOperator(operators.pooling, [below], attributes);
    for (const packed of ['textures', 'buffers'] as const) {
      const [result] = runFast('pooling', [below], attributes, { packed, borders: [2, 1] })!;
      expect([...result!.data]).toEqual([...expected!.data]);
    }
  });

  test('gives the lowest number, or 0, where a window covers no pixel', () => {
    const attributes = { kernel: 1, stride: 3, pad: 1, convention: 'full' };
    const pixel = tensor([1, 1, 1, 1], [5]);
    const corner = (type: string): number =>
      runFast('pooling', [pixel], { ...attributes, type })![0]!.data[0]!;
    expect(corner('max')).toBe(-3.4028234663852886e38);
    expect(corner('average')).toBe(0);
  });
});

describe.each(['webasm', 'cpu'] as const)('the gradient of max pooling in mode %s', async (mode) => {
  const backend = await gpuBackend({ mode });
  afterAll(() => backend.dispose());

  test('goes to the first of pixels that tie, and to none among nothing but NaN', async () => {
    const shape = [1, 1, 2, 4];
    const graph: Graph = trace(
      (_, { data, head }) => ({ out: maxPoolingGradient(data, head, { kernel: 2, stride: 2 }) }),
      { data: shape, head: [1, 1, 1, 2] },
    );
    const plan = await backend.compile(graph, new Map());
    const data = tensor(shape, new Float32Array([1, 7, NaN, NaN, 7, 7, NaN, NaN]));
    const { out } = await plan.run({ data, head: tensor([1, 1, 1, 2], new Float32Array([10, 20])) });
    expect('data' in out! && [...out.data]).toEqual([0, 10, 0, 0, 0, 0, 0, 0]);
    plan.dispose();
  });
});
