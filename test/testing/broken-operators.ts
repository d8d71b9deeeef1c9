/**
 * Operators that are wrong in one way each. All start from `weigh`, the product of two tensors of one shape times a
 * factor, which is right.
 */
import fc from 'fast-check';
import { type AnyOperator, elementwiseMul, mulScalar, type Operator } from '../../src/ops/index.ts';
import { elementCount, ShapeError, type Shape, type Tensor, tensor } from '../../src/tensor/index.ts';
import { at, build, type LawName, type OperatorCase, sizes, values } from '../../src/testing/index.ts';

export interface Factor {
  readonly factor?: number;
}

type Weigh = Operator<readonly ['data', 'by'], Factor>;

export const weigh: Weigh = {
  name: 'weigh',
  inputs: ['data', 'by'],
  outputs: ['output'],
  defaults: { factor: 2 },
  shape([data, by]) {
    if (data.join() === by.join()) return [data];
    throw new ShapeError(`weigh: by is ${by.join('x')}, expected ${data.join('x')}`);
  },
  forward([out], [data, by], { factor }) {
    for (let i = 0; i < out.data.length; i++) out.data[i] = data.data[i]! * by.data[i]! * factor;
  },
  gradient: ([head], [data, by], _, { factor }) => [
    () => mulScalar(elementwiseMul(head, by), factor),
    () => mulScalar(elementwiseMul(head, data), factor),
  ],
};

export const cases: fc.Arbitrary<OperatorCase<Factor>> = fc
  .oneof(sizes(5), sizes(3, 4), sizes(2, 3, 3))
  .chain((shape) =>
    fc.record({
      inputs: fc.tuple(values(shape), values(shape)),
      attributes: fc.constantFrom({}, { factor: 3 }, { factor: -0.5 }),
    }),
  );

export const oracle = ([data, by]: readonly Tensor[], { factor }: Required<Factor>): Tensor =>
  build(data!.shape, (...index) => factor * at(data!, ...index) * at(by!, ...index));

/** Calls the right kernel, then spoils its result. */
function spoilt(spoil: (out: Tensor, inputs: readonly [Tensor, Tensor], factor: number) => void): Weigh {
  return {
    ...weigh,
    forward(outputs, inputs, attributes) {
      weigh.forward(outputs, inputs, attributes);
      spoil(outputs[0], inputs, attributes.factor);
    },
  };
}

/** Another shape rule. */
function withShape(shape: (data: Shape) => readonly [Shape]): Weigh {
  return { ...weigh, shape: ([data]) => shape(data) };
}

let calls = 0;

/** What is wrong, the law that must say so, and the operator. */
export const broken: readonly (readonly [what: string, law: LawName, operator: AnyOperator])[] = [
  [
    'the last of five elements is forgotten',
    'oracle',
    spoilt(({ data }) => data.length > 4 && (data[4] = 0)),
  ],
  [
    'float64 is computed with float32 precision',
    'oracle',
    spoilt(({ data }) => data.forEach((x, i) => (data[i] = Math.fround(x) * (1 + 1e-9)))),
  ],
  ['the shape rule adds an axis', 'oracle', withShape((data) => [[...data, 1]])],
  [
    'every call leaves something behind for the next',
    'memory',
    spoilt(({ data }) => (data[0]! += 1e-12 * calls++)),
  ],
  ['the kernel writes to its input', 'memory', spoilt((_, [data]) => data.data.fill(0))],
  [
    'the kernel reads the buffer under the tensor from its start',
    'memory',
    {
      ...weigh,
      forward([out], [data, by], { factor }) {
        const all =
          data.dtype === 'float32' ? new Float32Array(data.data.buffer) : new Float64Array(data.data.buffer);
        for (let i = 0; i < out.data.length; i++) out.data[i] = all[i]! * by.data[i]! * factor;
      },
    } satisfies Weigh,
  ],
  ['an attribute does not survive JSON', 'trace', { ...weigh, defaults: { factor: Infinity } }],
  [
    'the gradient reads numbers, which a graph does not have',
    'trace',
    {
      ...weigh,
      gradient: ([head], [data, by], _, { factor }) => [
        () => mulScalar(elementwiseMul(head, by), (by as unknown as Tensor).data.length > 0 ? factor : 0),
        () => mulScalar(elementwiseMul(head, data), factor),
      ],
    } satisfies Weigh,
  ],
  [
    'the shape rule trips over a tensor without axes',
    'shapeRule',
    withShape((data) => [data.with(data.length - 1, data.at(-1)!)]),
  ],
  ['the shape rule gives a negative size', 'shapeRule', withShape((data) => [data.map((size) => size - 1)])],
  [
    'the shape rule accepts what the kernel does not',
    'shapeRule',
    {
      ...weigh,
      shape: ([data]) => [data],
      forward(outputs, inputs, attributes) {
        weigh.shape([inputs[0].shape, inputs[1].shape], attributes);
        weigh.forward(outputs, inputs, attributes);
      },
    } satisfies Weigh,
  ],
  [
    'an attribute that is no number is found by the kernel only',
    'attributes',
    spoilt((_out, _inputs, factor) => {
      if (Number.isNaN(factor)) throw new ShapeError('weigh: factor is NaN');
    }),
  ],
  [
    'the kernel trips over a tensor without elements',
    'edges',
    spoilt(({ data }) => {
      if (data.length === 0) throw new TypeError('no first element');
    }),
  ],
  [
    'an axis of size 1 is taken for one to repeat',
    'edges',
    spoilt(({ shape, data }) => void (shape.at(-1) === 1 && data.fill(7))),
  ],
  [
    'the gradient of nothing has another shape',
    'edges',
    {
      ...weigh,
      gradient(heads, inputs, outputs, attributes) {
        if (elementCount(inputs[0].shape) > 0) return weigh.gradient!(heads, inputs, outputs, attributes);
        return [() => heads[0], () => tensor([], [0], 'float64') as unknown as (typeof heads)[0]];
      },
    } satisfies Weigh,
  ],
  ['NaN becomes 0', 'nonFinite', spoilt(({ data }) => data.forEach((x, i) => (data[i] = x || 0)))],
  [
    'NaN spreads to all elements',
    'nonFinite',
    spoilt(({ data }) => void (data.some(Number.isNaN) && data.fill(NaN))),
  ],
  [
    'the factor is missing in one of the gradients',
    'gradient',
    {
      ...weigh,
      gradient: (heads, inputs, outputs, attributes) => [
        weigh.gradient!(heads, inputs, outputs, attributes)[0],
        () => elementwiseMul(heads[0], inputs[0]),
      ],
    } satisfies Weigh,
  ],
  [
    'the gradients of the two inputs are exchanged',
    'gradient',
    {
      ...weigh,
      gradient(heads, inputs, outputs, attributes) {
        const [first, second] = weigh.gradient!(heads, inputs, outputs, attributes);
        return [second, first];
      },
    } satisfies Weigh,
  ],
];
