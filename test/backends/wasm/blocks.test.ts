/**
 * Operators whose inputs are there in blocks of eight channels already, as behind a convolution: one that changes nothing
 * stands before each input of four axes.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lowerOf } from '../../../src/backends/wasm/lowerings.ts';
import { trace } from '../../../src/graph/index.ts';
import { applyAny, convolution, runOperator, type Value } from '../../../src/ops/index.ts';
import { cast, type Tensor, tensor } from '../../../src/tensor/index.ts';
import { difference, runs, tolerances } from '../../../src/testing/index.ts';
import { operatorCases } from '../../browser/operator-cases.ts';
import { ownOperator } from '../../browser/parity.ts';
import { aBackend, settings } from './settings.ts';

const RUNS = 12;

const cases = (await operatorCases()).filter(({ operator }) => lowerOf(operator.name));

/** The filters of a convolution that gives what it takes. */
function identity(channels: number): Tensor {
  const data = Float32Array.from({ length: channels * channels }, (_, i) =>
    i % (channels + 1) === 0 ? 1 : 0,
  );
  return tensor([channels, channels, 1, 1], data);
}

describe.each(settings)('with %s', (_, options) => {
  const backend = aBackend(options);

  test.each(cases.map(({ operator, cases: own }) => [operator.name, operator, own] as const))(
    '%s of blocks gives what the reference gives',
    async (_name, operator, own) => {
      const property = fc.asyncProperty(own, async ({ inputs, attributes }) => {
        const typed = inputs.map((input) => cast(input, 'float32'));
        // A convolution carries no NaN or infinity unchanged: 0 times either is NaN.
        fc.pre(typed.every(({ data }) => data.every(Number.isFinite)));
        fc.pre(typed.every(({ data }) => data.length > 0));
        const graph = trace(
          (_parameters, values) => {
            const given = typed.map(({ shape }, k): Value => {
              const value: Value = values[`in${k}`]!;
              if (shape.length !== 4) return value;
              return convolution<Value>(value, values[`identity${k}`]!);
            });
            const results = applyAny<Value>(ownOperator(operator), given, attributes);
            return Object.fromEntries(results.map((result, k) => [`out${k}`, result])) as never;
          },
          Object.fromEntries(
            typed.flatMap(({ shape }, k) => [
              [`in${k}`, shape],
              [`identity${k}`, [shape[1] ?? 1, shape[1] ?? 1, 1, 1]],
            ]),
          ),
        );
        const plan = await backend().compile(graph, new Map());
        try {
          const feeds = typed.flatMap((input, k) => [
            [`in${k}`, input] as const,
            [`identity${k}`, identity(input.shape[1] ?? 1)] as const,
          ]);
          const got = await plan.run(Object.fromEntries(feeds));
          const expected = runOperator(ownOperator(operator), typed, attributes);
          const problems = expected.flatMap((output, k) =>
            difference(`output ${k}`, got[`out${k}`] as Tensor, output, 'the reference', tolerances.backend),
          );
          expect(problems).toEqual([]);
        } finally {
          plan.dispose();
        }
      });
      await fc.assert(property, { numRuns: runs(RUNS) });
    },
  );
});
