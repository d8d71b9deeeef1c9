import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differentiate, gradientName, interpret, trace } from '../../src/graph/index.ts';
import {
  makeLoss,
  type MakeLossAttributes,
  makeLossGradient,
  makeLossGradientOperator,
} from '../../src/ops/index.ts';
import { full, tensor } from '../../src/tensor/index.ts';
import { build, checkOp, type OperatorCase, sizes, values } from '../../src/testing/index.ts';

const cases: fc.Arbitrary<OperatorCase<MakeLossAttributes>> = fc
  .oneof(sizes(5), sizes(3, 4), sizes(2, 3, 2, 2))
  .chain((shape) =>
    fc.record({
      inputs: fc.tuple(values(shape)),
      attributes: fc.record({
        gradScale: fc.constantFrom(1, 0.25, 1 / 128),
        normalization: fc.constantFrom('null' as const, 'batch' as const, 'valid' as const),
        validThreshold: fc.constantFrom(0, 0.5, 9),
      }),
    }),
  );

checkOp(makeLossGradientOperator, cases, {
  oracle: ([data], { gradScale, normalization, validThreshold }) => {
    const above = [...data!.data].filter((value) => value > validThreshold);
    const count = { null: 1, batch: data!.shape[0]!, valid: above.length || 1 }[normalization];
    return build(data!.shape, () => gradScale / count);
  },
  tolerance: { float32: 1e-7, float64: 1e-7 }, // mode batch divides in float32
});

describe('makeLossGradient', () => {
  const loss = tensor([2, 2], [0.5, 0, -1, 2]);

  test('is one constant: the scale, over the batch, or over the elements above the threshold', () => {
    const got = (attributes: MakeLossAttributes): number[] => [...makeLossGradient(loss, attributes).data];
    expect(got({ gradScale: 3 })).toEqual([3, 3, 3, 3]);
    expect(got({ gradScale: 3, normalization: 'batch' })).toEqual([1.5, 1.5, 1.5, 1.5]);
    expect(got({ normalization: 'valid' })).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(got({ normalization: 'valid', validThreshold: 0.5 })).toEqual([1, 1, 1, 1]);
    expect(got({ normalization: 'valid', validThreshold: 9 })).toEqual([1, 1, 1, 1]); // over 1, not over 0
  });

  test('rounds the scale, and its quotient by the batch, to float32 for float64 data too', () => {
    const three = tensor([3], [1, 1, 1], 'float64');
    expect(makeLossGradient(three, { gradScale: 0.1 }).data[0]).toBe(Math.fround(0.1));
    const batch = makeLossGradient(three, { gradScale: 0.1, normalization: 'batch' });
    expect(batch.data[0]).toBe(Math.fround(Math.fround(0.1) / 3));
  });

  test('takes a loss without axes for a batch of one', () => {
    expect([...makeLossGradient(tensor([], [5]), { normalization: 'batch' }).data]).toEqual([1]);
  });

  test('compares with the threshold rounded to float32, for float64 data too', () => {
    const between = 0.1 + 1e-9; // above 0.1, below the float32 next to it
    const attributes = { normalization: 'valid', validThreshold: 0.1 } as const;
    expect(makeLossGradient(tensor([3], [between, 1, 1], 'float64'), attributes).data[0]).toBe(0.5);
  });

  test('is what makeLoss passes on, whatever comes in, and is constant itself', () => {
    const graph = trace((_, { x }) => ({ loss: makeLoss(x, { gradScale: 0.5 }) }), { x: [2, 2] });
    const backward = differentiate(graph, 'loss', ['x'], { heads: true });
    const inputs = { x: loss, 'head/loss': full([2, 2], 1e6) };
    const { outputs } = interpret(backward, { inputs, parameters: new Map() });
    expect([...outputs[gradientName('x')]!.data]).toEqual([0.5, 0.5, 0.5, 0.5]);
    const again = differentiate(backward, gradientName('x'), ['x']);
    const second = interpret(again, { inputs, parameters: new Map() }).outputs[gradientName('x')]!;
    expect([...second.data]).toEqual([0, 0, 0, 0]);
  });
});
