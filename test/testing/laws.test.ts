/** The laws, tested: each finds what it is there for, and none complains about an operator that is right. */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Backend, referenceBackend } from '../../src/backends/index.ts';
import { trace } from '../../src/graph/index.ts';
import { blockGrad, type Value, elementwiseMul, operators, sum } from '../../src/ops/index.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';
import {
  type CheckOptions,
  graphGradientProblems,
  type HeldLaw,
  type LawName,
  lawsOf,
  runs,
} from '../../src/testing/index.ts';
import { broken, cases, type Factor, oracle, weigh } from './broken-operators.ts';

/** The outcome of every law of one name: undefined, or what it complains about. */
async function outcomes(laws: readonly HeldLaw[], name: LawName): Promise<(string | undefined)[]> {
  const found = laws.filter((law) => law.name === name);
  expect(found.length).toBeGreaterThan(0);
  return Promise.all(
    found.map(async (law) => {
      try {
        await law.check();
        return undefined;
      } catch (error) {
        return `${String(error)} ${String((error as Error).cause)}`;
      }
    }),
  );
}

describe('a right operator', () => {
  const laws = lawsOf(weigh, cases, { oracle });

  test.each(laws.map((law) => [law.title, law] as const))('%s', async (_, law) => {
    await expect(Promise.resolve(law.check())).resolves.toBeUndefined();
  });

  test('is held to all laws but those that need it in the table of operators', () => {
    expect([...new Set(laws.map(({ name }) => name))]).toEqual([
      'oracle',
      'memory',
      'trace',
      'shapeRule',
      'attributes',
      'edges',
      'nonFinite',
      'gradient',
    ]);
  });
});

describe('a wrong operator is found', () => {
  test.each(broken)('%s: %s', async (_, law, operator) => {
    const complaints = await outcomes(lawsOf<Factor>(operator, cases, { oracle }), law);
    expect(complaints.some((complaint) => complaint !== undefined)).toBe(true);
    expect(complaints.join()).toContain('Property failed after');
  });
});

describe('a failure', () => {
  test('names the operator, the element, both numbers, the seed and the smallest case', async () => {
    const [, , operator] = broken[0]!;
    const [complaint] = await outcomes(lawsOf<Factor>(operator, cases, { oracle }), 'oracle');
    expect(complaint).toMatch(/weigh: output is 0 at \(.*\) of .*, the oracle says .* \(float32\)/);
    expect(complaint).toMatch(/seed: -?\d+, path: "/);
    expect(complaint).toContain('Counterexample: [{"inputs":[');
  });
});

describe('a law that never found an edge to try', () => {
  test('says so, instead of passing', async () => {
    const scalar = tensor([], [2], 'float64');
    const only = fc.constant({ inputs: [scalar, scalar], attributes: {} });
    const [complaint] = await outcomes(lawsOf<Factor>(weigh, only, { oracle }), 'edges');
    expect(complaint).toContain('weigh: no edge was accepted');
  });
});

describe('skipped laws', () => {
  const reasons = (skip: CheckOptions<Factor>['skip'] & object, operator = operators.elementwiseMul) =>
    lawsOf<Factor>(operator, cases, { oracle, skip }).flatMap(({ name, skipped }) =>
      skipped === undefined ? [] : [[name, skipped]],
    );

  test('carry their reason', () => {
    expect(reasons({ edges: 'just so' })).toEqual([['edges', 'just so']]);
  });

  test('a gradient that is not the derivative has no second one either', () => {
    expect(reasons({ gradient: 'a rule' })).toEqual([
      ['gradient', 'a rule'],
      ['secondDerivative', 'a rule'],
    ]);
  });
});

describe('backends', () => {
  /** The reference, with something done to every result. */
  const backend = (change: (value: Tensor) => Tensor): Backend => ({
    ...referenceBackend(),
    name: 'other',
    async compile(graph, parameters) {
      const plan = await referenceBackend().compile(graph, parameters);
      return {
        ...plan,
        async run(feeds) {
          const results = Object.entries(await plan.run(feeds));
          return Object.fromEntries(results.map(([name, value]) => [name, change(value as Tensor)]));
        },
      };
    },
  });
  const product = (backends?: readonly Backend[]): HeldLaw[] =>
    lawsOf<object>(operators.elementwiseMul, cases, {
      oracle: (inputs) => oracle(inputs, { factor: 1 }),
      ...(backends && { backends }),
    });

  test('that round differently pass', async () => {
    const other = backend((value) => ({ ...value, data: value.data.map((x) => x * (1 + 1e-6)) }));
    expect(await outcomes(product([other]), 'backends')).toEqual([undefined]);
  });

  test('that compute something else are found', async () => {
    const other = backend((value) => ({ ...value, data: value.data.map((x) => x + 1e-3) }));
    const [complaint] = await outcomes(product([other]), 'backends');
    expect(complaint).toContain('elementwiseMul on other is');
  });
});

describe('gradients of graphs', () => {
  const graph = (cut: <V extends Value>(x: V) => V) =>
    trace((_, { x }) => ({ loss: sum(elementwiseMul(x, cut(x))) }), { x: [3] });
  const feeds = { x: tensor([3], [1, 2, -1], 'float64') };

  test('that are right pass', () => {
    expect(graphGradientProblems({ graph: graph((x) => x), loss: ['loss'], wrt: ['x'], feeds }, 1)).toEqual(
      [],
    );
  });

  test('that are stopped on the way are found', () => {
    const problems = graphGradientProblems({ graph: graph(blockGrad), loss: ['loss'], wrt: ['x'], feeds }, 1);
    expect(problems[0]).toMatch(
      /^differentiate: gradient in x is .* along a direction, central differences give /,
    );
  });
});

describe('DFF_RUNS', () => {
  afterEach(() => void vi.unstubAllEnvs());

  test.each([
    [undefined, 100],
    ['0.1', 10],
    ['20', 2000],
    ['0', 1],
    ['many', 100],
  ])('%s makes 100 cases %i', (factor, expected) => {
    vi.stubEnv('DFF_RUNS', factor);
    expect(runs()).toBe(expected);
  });
});
