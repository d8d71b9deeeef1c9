import { afterAll, describe, expect, test } from 'vitest';
import { type Backend, createBackend } from '../../src/backends/index.ts';
import { trace } from '../../src/graph/index.ts';
import { relu } from '../../src/ops/index.ts';
import { tensor } from '../../src/tensor/index.ts';

const graph = trace((_, { x }) => ({ out: relu(x) }), { x: [2] });
const x = tensor([2], [-1, 1]);

/** A backend and its plans as JavaScript sees them. */
interface Untyped {
  compile(...args: unknown[]): Promise<{ run(...args: unknown[]): Promise<unknown> }>;
}

const opened: Backend[] = [];
afterAll(() => opened.forEach((backend) => backend.dispose()));

describe.each([
  ['reference', {}],
  ['wasm', { threads: 1 }],
  ['gpu', { mode: 'cpu' }],
] as const)('backend %s, called without types', (name, options) => {
  const backend: Promise<Untyped> = createBackend(name, options).then((made) => {
    opened.push(made);
    return made;
  });
  const compiled = backend.then((made) => made.compile(graph, new Map()));

  test.each<readonly [string, readonly unknown[], string]>([
    ['null', [null, new Map()], 'compile: the graph is null, expected what trace(...) gives'],
    ['a function', [relu, new Map()], 'compile: the graph is a function, expected what trace(...) gives'],
    [
      'another object',
      [{}, new Map()],
      'compile: the graph is another object, expected what trace(...) gives',
    ],
    [
      'no parameters',
      [graph],
      'compile: the parameters are undefined, expected a Map of tensors or an opened checkpoint',
    ],
  ])('does not compile %s', async (_, args, message) => {
    await expect((await backend).compile(...args)).rejects.toThrow(message);
  });

  test.each<readonly [string, readonly unknown[], string]>([
    ['nothing', [], 'run: got undefined, expected tensors by the names of inputs'],
    ['null as an input', [{ x: null }], 'graph: input x (2) was not fed'],
    [
      'plain numbers',
      [{ x: [-1, 1] }],
      'graph: input x: got something without a shape, expected 2; tensor(shape, numbers) makes one',
    ],
    ['null as options', [{ x }, null], 'run: the options are null, expected an object'],
    ['a text to keep', [{ x }, { keep: 'out' }], 'run: keep is "out", expected a list of names'],
    [
      'numbers to keep on the device',
      [{ x }, { keepOnDevice: [1] }],
      'run: keepOnDevice is a list, expected a list of names',
    ],
  ])('does not run with %s', async (_, args, message) => {
    await expect((await compiled).run(...args)).rejects.toThrow(message);
  });

  test('runs what is right', async () => {
    expect(await (await compiled).run({ x }, undefined)).toEqual({ out: tensor([2], [0, 1]) });
  });
});
