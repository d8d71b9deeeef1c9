/**
 * What an operator is, and how one is called.
 *
 * An operator is a record: its name, the names of its inputs and outputs, a pure shape rule in which all argument
 * errors are thrown, and `forward`, the reference kernel. Its public function is written once, with `apply`:
 * called with tensors it computes, called with symbolic values it asks the recorder that they carry to add a node.
 * There is no global state and no mode switch.
 */
import type { Shape } from '../tensor/shape.ts';
import { ShapeError } from '../tensor/errors.ts';
import { type Tensor, zeros } from '../tensor/tensor.ts';

/** A value that exists only as a place in a graph that is being recorded. */
export interface SymbolicTensor {
  readonly shape: Shape;
  readonly recorder: Recorder;
}

/** What every operator takes and gives: numbers, or a place in a graph. Both have a shape. */
export type Value = Tensor | SymbolicTensor;

/** The side of a graph builder that operators see. */
export interface Recorder {
  record(
    operator: AnyOperator,
    inputs: readonly SymbolicTensor[],
    attributes: object,
  ): readonly SymbolicTensor[];
  /** Gives the node that made `value` its official name. */
  name(value: SymbolicTensor, name: string): void;
}

/** One `T` per name; a name that ends in `?` may be left out; plain `string[]` is any number of them. */
export type PerName<Names extends readonly string[], T> = {
  readonly [K in keyof Names]: Names[K] extends `${string}?` ? T | undefined : T;
};

type OptionalKeys<A> = { [K in keyof A]-?: object extends Pick<A, K> ? K : never }[keyof A];

/** The default of every attribute that may be left out. */
export type Defaults<Attributes> = Required<Pick<Attributes, OptionalKeys<Attributes>>>;

/**
 * @typeParam Inputs   names of the inputs, as a tuple
 * @typeParam Attributes  what is not a tensor: stride, pad, ...; optional fields have an entry in `defaults`
 * @typeParam Outputs  names of the outputs; one output called `output` unless said otherwise
 */
export interface Operator<
  Inputs extends readonly string[],
  Attributes extends object = object,
  Outputs extends readonly string[] = readonly ['output'],
> {
  readonly name: string;
  readonly inputs: Inputs;
  /** Names of the outputs. Empty means a varying number, called `output0`, `output1`, ... */
  readonly outputs: Outputs;
  readonly defaults: Defaults<Attributes>;
  /** Shapes in, shapes out. Every argument error is thrown here, and nowhere else. */
  shape(inputs: PerName<Inputs, Shape>, attributes: Required<Attributes>): PerName<Outputs, Shape>;
  /** The reference kernel: fills `outputs`, which come zero-filled and in the dtype of the first input. */
  forward(
    outputs: PerName<Outputs, Tensor>,
    inputs: PerName<Inputs, Tensor>,
    attributes: Required<Attributes>,
  ): void;
  /** Multiply-adds of one call, for operators whose cost is a matrix product; absent means not counted. */
  multiplyAdds?(inputs: PerName<Inputs, Shape>, attributes: Required<Attributes>): number;
  /**
   * The gradient of a loss in the inputs, given its gradient `heads` in the outputs: one thunk per input, written with
   * operators, so that it runs on every backend and can be differentiated again. `null` where none is passed on.
   * Absent for operators that nothing is learned through.
   */
  gradient?<V extends Value>(
    heads: PerName<Outputs, V>,
    inputs: PerName<Inputs, V>,
    outputs: PerName<Outputs, V>,
    attributes: Required<Attributes>,
  ): PerName<Inputs, Thunk<V> | null>;
}

/** A gradient that is computed only if somebody wants it. */
export type Thunk<V> = () => V;

/** An operator seen from outside, its tuples and attributes forgotten: what graphs and backends handle. */
export interface AnyOperator {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly defaults: object;
  shape(inputs: readonly (Shape | undefined)[], attributes: object): readonly Shape[];
  forward(outputs: readonly Tensor[], inputs: readonly (Tensor | undefined)[], attributes: object): void;
  multiplyAdds?(inputs: readonly (Shape | undefined)[], attributes: object): number;
  gradient?(
    heads: readonly Value[],
    inputs: readonly (Value | undefined)[],
    outputs: readonly Value[],
    attributes: object,
  ): readonly (Thunk<Value> | null | undefined)[];
}

function isSymbolic(value: Value): value is SymbolicTensor {
  return 'recorder' in value;
}

/** Throws unless the number of inputs fits the operator's names. */
function checkInputCount(operator: AnyOperator, given: number): void {
  const { name, inputs } = operator;
  const required = inputs.filter((input) => !input.endsWith('?')).length;
  // No names at all means any number of inputs, at least one.
  if (inputs.length === 0 ? given > 0 : given >= required && given <= inputs.length) return;
  throw new ShapeError(`${name}: got ${given} inputs, expected ${inputs.join(', ') || 'at least one'}`);
}

/** Runs the reference kernel of an operator on tensors. All inputs have one dtype, which the outputs get too. */
export function runOperator(
  operator: AnyOperator,
  inputs: readonly Tensor[],
  attributes: object,
): readonly Tensor[] {
  checkInputCount(operator, inputs.length);
  const complete = { ...operator.defaults, ...attributes };
  const dtype = inputs[0]!.dtype;
  const odd = inputs.findIndex((input) => input.dtype !== dtype);
  if (odd !== -1) {
    const names = `${operator.inputs[odd] ?? `input ${odd}`} is ${inputs[odd]!.dtype}`;
    throw new ShapeError(`${operator.name}: ${names}, the first input is ${dtype}; convert one with cast`);
  }
  const shapes = operator.shape(
    inputs.map((input) => input.shape),
    complete,
  );
  const outputs = shapes.map((shape) => zeros(shape, dtype));
  operator.forward(outputs, inputs, complete);
  return outputs;
}

/**
 * Calls an operator: computes when the inputs are tensors, records a node when they are symbolic. Trailing optional
 * inputs may be undefined.
 */
export function apply<
  V extends Value,
  Inputs extends readonly string[],
  Attributes extends object,
  Outputs extends readonly string[],
>(
  operator: Operator<Inputs, Attributes, Outputs>,
  inputs: readonly (V | undefined)[] & PerName<Inputs, V>,
  attributes: Attributes,
): PerName<Outputs, V> {
  const given: Value[] = inputs.filter((input) => input !== undefined);
  const any: AnyOperator = operator;
  const symbolic = given.find(isSymbolic);
  if (symbolic === undefined) {
    return runOperator(any, given as Tensor[], attributes) as unknown as PerName<Outputs, V>;
  }
  const stranger = given.findIndex((input) => !isSymbolic(input) || input.recorder !== symbolic.recorder);
  if (stranger !== -1) {
    const which = operator.inputs[stranger] ?? `input ${stranger}`;
    throw new ShapeError(
      `${operator.name}: ${which} is not a value of the graph being traced; pass it to the network as an input or parameter`,
    );
  }
  checkInputCount(any, given.length);
  const complete = { ...operator.defaults, ...attributes };
  return symbolic.recorder.record(any, given as SymbolicTensor[], complete) as unknown as PerName<Outputs, V>;
}

/** `apply` for an operator looked up in the table, its inputs and attributes not known to the compiler. */
export function applyAny<V extends Value>(
  operator: AnyOperator,
  inputs: readonly V[],
  attributes: object,
): readonly V[] {
  return apply(operator as Operator<readonly string[], object, readonly string[]>, inputs, attributes);
}

/** Gives the node that made a value a name, e.g. the official one. Tensors have no name: nothing happens to them. */
export function named<V extends Value>(name: string, value: V): V {
  const any: Value = value;
  if (isSymbolic(any)) any.recorder.name(any, name);
  return value;
}
