/** A case of an operator, and what its tests say about it: the words that all laws share. */
import type fc from 'fast-check';
import type { Backend } from '../backends/index.ts';
import type { AnyOperator } from '../ops/index.ts';
import type { DType, Tensor } from '../tensor/index.ts';
import type { DTypeTolerance } from './tolerances.ts';

/** One call of an operator. The tensors are float64 with values that float32 holds; the laws cast them. */
export interface OperatorCase<A> {
  readonly inputs: readonly Tensor[];
  readonly attributes: A;
}

/** The expected outputs, by a formulation independent of the kernel. Evaluated in float64, with all defaults filled in. */
export type Oracle<A> = (inputs: readonly Tensor[], attributes: Required<A>) => Tensor | readonly Tensor[];

/** The laws by name, in the order in which they run. */
export const lawNames = [
  'oracle',
  'memory',
  'trace',
  'shapeRule',
  'attributes',
  'edges',
  'nonFinite',
  'gradient',
  'secondDerivative',
  'backends',
] as const;
export type LawName = (typeof lawNames)[number];

export interface CheckOptions<A> {
  readonly oracle: Oracle<A>;
  /** Largest |kernel − oracle| / (1 + |oracle|) by dtype. Default: `tolerances.oracle`; 0 for copies. */
  readonly tolerance?: DTypeTolerance;
  /** Dtypes that the operator is defined for. Default both. */
  readonly dtypes?: readonly DType[];
  /** Random cases of the laws about values. Default 100; the environment variable DFF_RUNS multiplies all numbers. */
  readonly runs?: number;
  /**
   * For the two laws about derivatives. `cases`: other cases, e.g. such that keep away from kinks. `outputs`: the outputs
   * that a loss may depend on, e.g. without a state of training; default all.
   */
  readonly gradient?: {
    readonly cases?: fc.Arbitrary<OperatorCase<A>>;
    readonly outputs?: readonly number[];
  };
  /** Numbers that one element of the input is replaced by; the oracle decides what they do. Default NaN, ∞ and −∞. */
  readonly nonFinite?: readonly number[];
  /** Backends to hold against the reference. Default: all that this package has and this machine can run. */
  readonly backends?: readonly Backend[];
  /** Laws that do not hold, each with the reason, which the test report prints. */
  readonly skip?: Readonly<Partial<Record<LawName, string>>>;
}

/** What a law is about: an operator, its cases, and the options with all defaults filled in. */
export interface Subject<A extends object = object> {
  readonly operator: AnyOperator;
  readonly cases: fc.Arbitrary<OperatorCase<A>>;
  readonly smooth: fc.Arbitrary<OperatorCase<A>>;
  /** Outputs that a loss may depend on. */
  readonly lossOutputs: readonly number[] | undefined;
  readonly oracle: Oracle<A>;
  readonly tolerance: DTypeTolerance;
  readonly dtypes: readonly DType[];
  readonly nonFinite: readonly number[];
}

/** Attributes with the operator's defaults. */
export function complete<A extends object>(operator: AnyOperator, attributes: A): Required<A> {
  return { ...operator.defaults, ...attributes } as Required<A>;
}

/** The name of an input for messages. */
export function inputName(operator: AnyOperator, k: number): string {
  return operator.inputs[k]?.replace('?', '') ?? `input${k}`;
}
