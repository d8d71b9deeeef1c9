/**
 * The same numbers give the same bits, however they lie in memory and whatever ran before, and inputs are left alone.
 *
 * Tried: a second time; after another case, for state that a kernel might keep; copied from a transposed view, from one
 * that steps backwards, and from within a larger buffer that is NaN elsewhere.
 */
import fc from 'fast-check';
import { runOperator } from '../../ops/index.ts';
import { allocate, cast, elementCount, fromNdarray, type Tensor, view } from '../../tensor/index.ts';
import type { OperatorCase, Subject } from '../operator-case.ts';
import { difference } from '../tolerances.ts';
import { FEW, type Law, refute } from './law.ts';

const ways: Readonly<Record<string, (source: Tensor) => Tensor>> = {
  'a second time': (source) => source,
  'through a transposed view': throughTransposed,
  'through a view with negative steps': throughReversed,
  'from within a larger buffer': withinNaN,
};

export function memoryLaws<A extends object>(subject: Subject<A>): Law[] {
  return [
    {
      name: 'memory',
      title:
        'gives the same bits for the same numbers, however they lie in memory, and leaves its inputs alone',
      check: () =>
        refute(fc.tuple(subject.cases, subject.cases), FEW, (two) => memoryProblems(subject, ...two)),
    },
  ];
}

function memoryProblems<A extends object>(
  { operator, dtypes }: Subject<A>,
  { inputs, attributes }: OperatorCase<A>,
  other: OperatorCase<A>,
): string[] {
  const typed = inputs.map((input) => cast(input, dtypes[0]!));
  const before = typed.map((input) => ({ ...input, data: input.data.slice() }));
  const first = runOperator(operator, typed, attributes);
  runOperator(
    operator,
    other.inputs.map((input) => cast(input, dtypes[0]!)),
    other.attributes,
  );
  const again = Object.entries(ways).flatMap(([way, take]) =>
    runOperator(operator, typed.map(take), attributes).flatMap((output, k) =>
      difference(`${operator.name}: output ${way}`, output, first[k]!, 'the first time', 'bits'),
    ),
  );
  const changed = typed.flatMap((input, k) =>
    difference(`${operator.name}: input ${k} after the call`, input, before[k]!, 'before it', 'bits'),
  );
  return [...again, ...changed];
}

/** Copied to a transposed layout and read back through a view. */
function throughTransposed(source: Tensor): Tensor {
  const order = source.shape.map((_, axis) => axis).toReversed();
  const scrambled = fromNdarray(view(source).transpose(...order), source.dtype);
  return fromNdarray(view(scrambled).transpose(...order), source.dtype);
}

/** Copied backwards along every axis, and read back through a view with an offset and negative strides. */
function throughReversed(source: Tensor): Tensor {
  const steps = source.shape.map(() => -1);
  const backwards = fromNdarray(view(source).step(...steps), source.dtype);
  return fromNdarray(view(backwards).step(...steps), source.dtype);
}

/** Part of a larger array: kernels that reach around a tensor's own view of its buffer would find NaN. */
function withinNaN({ shape, dtype, data }: Tensor): Tensor {
  const margin = 3;
  const room = allocate(dtype, elementCount(shape) + 2 * margin).fill(NaN);
  const inner = room.subarray(margin, margin + data.length);
  inner.set(data);
  return { shape, dtype, data: inner };
}
