/** The listing of steps tells what a plan is made of. */
import { expect, test } from 'vitest';
import { listSteps, wasmBackend } from '../../../src/backends/wasm/index.ts';
import { type Graph, trace } from '../../../src/graph/index.ts';
import { convolution, named, relu } from '../../../src/ops/index.ts';
import { zeros } from '../../../src/tensor/index.ts';

function smallGraph(): Graph {
  return trace(
    (parameters, { data }) => {
      const first = convolution(data, parameters.get('first_weight', [16, 16, 1, 1]));
      return {
        out: named('second', relu(convolution(first, parameters.get('second_weight', [8, 16, 5, 5])))),
      };
    },
    { data: [1, 16, 12, 12] },
  );
}

test('steps are listed in order, with node, kernel and items; preparations with their parameter', () => {
  const { steps, preparations } = listSteps(smallGraph());
  expect(preparations.map(({ of, kernel }) => `${of}: ${kernel}`)).toEqual([
    'first_weight: pack weights 8',
    'second_weight: pack weights 8',
  ]);
  expect(steps.map(({ of, kernel }) => `${of}: ${kernel.split(' ').slice(0, 2).join(' ')}`)).toEqual([
    'convolution0: to blocks',
    'convolution0: products 6',
    'second: products 4',
    'second: to planar',
  ]);
  for (const { items } of steps) expect(items).toBeGreaterThan(0);
});

test('a step reads what the one before has written, and constants keep their places', () => {
  const { steps, preparations } = listSteps(smallGraph());
  const [toBlocks, first, second, toPlanar] = steps;
  expect(first!.places['input']).toBe(toBlocks!.places['blocks']);
  expect(second!.places['input']).toBe(first!.places['output']);
  expect(toPlanar!.places['blocks']).toBe(second!.places['output']);
  expect(first!.places['weights']).toBe(preparations[0]!.places['target']);
  expect(first!.places['weights']).toMatch(/^constants\+\d+$/);
});

test('places lie within their parts, and the parts within the memory of a plan', async () => {
  const { steps, constantBytes, arenaBytes } = listSteps(smallGraph());
  for (const { places } of steps) {
    for (const place of Object.values(places)) {
      const [part, offset] = place.split('+');
      expect(Number(offset)).toBeLessThan(part === 'arena' ? arenaBytes : constantBytes);
    }
  }
  const backend = await wasmBackend({ threads: 1, tileShape: { pixels: 6, unrolled: true } });
  const weights = new Map([
    ['first_weight', zeros([16, 16, 1, 1])],
    ['second_weight', zeros([8, 16, 5, 5])],
  ]);
  const plan = await backend.compile(smallGraph(), weights);
  expect(plan.report().memoryBytes).toBeGreaterThan(constantBytes + arenaBytes);
  backend.dispose();
});
