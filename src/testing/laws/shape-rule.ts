/**
 * The shape rule is where every argument error is thrown: for arbitrary shapes it gives sizes or throws a ShapeError, and
 * what it accepts the kernel can compute.
 */
import fc from 'fast-check';
import { runOperator } from '../../ops/index.ts';
import {
  elementCount,
  formatShape,
  type Shape,
  ShapeError,
  type Tensor,
  tensor,
} from '../../tensor/index.ts';
import { complete, type Subject } from '../operator-case.ts';
import { randomNumbers } from '../random.ts';
import { type Law, refute } from './law.ts';

/** Accepted outputs with more elements are not computed. */
const LARGEST = 1e5;

const anyShape: fc.Arbitrary<Shape> = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 5 });

export function shapeRuleLaws<A extends object>(subject: Subject<A>, count: number): Law[] {
  const { operator, cases } = subject;
  const most = operator.inputs.length || 3;
  const least = operator.inputs.filter((name) => !name.endsWith('?')).length || 1;
  const shapes = fc.array(anyShape, { minLength: least, maxLength: most });
  return [
    {
      name: 'shapeRule',
      title: 'computes for shapes of any kind, or refuses them with a ShapeError',
      check: () =>
        refute(fc.tuple(shapes, cases, fc.integer()), count, ([some, { inputs, attributes }, seed]) => {
          // One shape of a fitting case is replaced, or all.
          const mixed = seed % 2 === 0 ? some : inputs.map(({ shape }, k) => (k === 0 ? some[0]! : shape));
          return callProblems(subject, mixed, attributes, seed);
        }),
    },
  ];
}

/** What is wrong with how an operator takes shapes and attributes that may be anything. */
export function callProblems<A extends object>(
  { operator, dtypes }: Subject<A>,
  shapes: readonly Shape[],
  attributes: A,
  seed: number,
): string[] {
  const given = `${operator.name} for ${shapes.map(formatShape).join(', ')}`;
  let results: readonly Shape[];
  try {
    results = operator.shape(shapes, complete(operator, attributes));
  } catch (error) {
    return error instanceof ShapeError ? [] : [`${given}: the shape rule throws ${String(error)}`];
  }
  if (!results.flat().every((size) => Number.isInteger(size) && size >= 0)) {
    return [`${given}: the shape rule gives ${JSON.stringify(results)}`];
  }
  if (results.some((shape) => elementCount(shape) > LARGEST)) return [];
  try {
    const next = randomNumbers(seed);
    const outputs = runOperator(
      operator,
      shapes.map((shape) => randomTensor(shape, next, dtypes[0]!)),
      attributes,
    );
    const wrong = outputs.find(({ shape, data }) => data.length !== elementCount(shape));
    return wrong ? [`${given}: ${formatShape(wrong.shape)} with ${wrong.data.length} elements`] : [];
  } catch (error) {
    return [`${given}: accepted, then the kernel throws ${String(error)}`];
  }
}

const randomTensor = (shape: Shape, next: () => number, dtype: Tensor['dtype']): Tensor =>
  tensor(
    shape,
    Float64Array.from({ length: elementCount(shape) }, () => 4 * next()),
    dtype,
  );
