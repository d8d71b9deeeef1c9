/** Golden cases of single operators: a folder with `cases.json` and one safetensors file per operator. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Backend, referenceBackend, toHost } from '../../src/backends/index.ts';
import { differentiate, gradientName, type Graph, trace } from '../../src/graph/index.ts';
import {
  type AnyOperator,
  applyAny,
  type OperatorName,
  operators,
  type Value,
  warp,
} from '../../src/ops/index.ts';
import { full, readSafetensors, type Tensor, type Tolerance } from '../../src/tensor/index.ts';
import type { MxnetAttributes } from '../../weights-converter/mxnet-attributes.ts';
import { fromMxnet } from '../../weights-converter/mxnet-operators.ts';
import { compareRow, failure, type GoldenRow } from './rows.ts';

interface OperatorCase {
  readonly id: string;
  readonly operator: string;
  readonly mxnet: string;
  readonly attributes: MxnetAttributes;
  readonly training: boolean;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Outputs with a stored incoming gradient; none where the operator starts the backward pass itself. */
  readonly headGradients: readonly string[];
  /** Inputs with a stored gradient. */
  readonly gradients: readonly string[];
  readonly tolerance: { readonly forward: Tolerance; readonly gradient: Tolerance };
}

/** The composition that MXNet has no single operator for. */
const WARP = 'GridGenerator+BilinearSampler+broadcast_mul';

export interface OperatorGoldenOptions {
  /** Cases of this operator. Default all. */
  readonly only?: string;
  /** What computes. Default: the operators are called as functions, and gradients run on the reference. */
  readonly backend?: Backend;
}

/** Runs every case of a folder, or those of one operator. */
export async function checkOperators(
  folder: string,
  { only, backend }: OperatorGoldenOptions = {},
): Promise<GoldenRow[]> {
  const { cases } = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as {
    cases: OperatorCase[];
  };
  const files = new Map<string, Map<string, Tensor>>();
  const rows: GoldenRow[] = [];
  for (const given of cases) {
    const golden = backend ? inSingle(given) : given;
    if (only !== undefined && golden.operator !== only) continue;
    if (!files.has(golden.operator)) {
      const bytes = await readFile(join(folder, `${golden.operator}.safetensors`));
      files.set(golden.operator, readSafetensors(bytes, `${golden.operator}.safetensors`));
    }
    const stored = files.get(golden.operator)!;
    try {
      rows.push(...(backend ? await checkOnBackend(golden, stored, backend) : checkForward(golden, stored)));
      if (golden.gradients.length > 0) rows.push(...(await checkGradients(golden, stored, backend)));
    } catch (error) {
      rows.push(failure(golden.id, String(error)));
    }
  }
  return rows;
}

function storedTensor(
  golden: OperatorCase,
  tensors: ReadonlyMap<string, Tensor>,
  label: string,
  what: string,
): Tensor {
  const name = golden.id.slice(golden.id.indexOf('/') + 1);
  const found = tensors.get(`${name}/${label}/${what}`);
  if (!found) throw new Error(`${name}/${label}/${what} is not stored`);
  return found;
}

function checkForward(golden: OperatorCase, tensors: ReadonlyMap<string, Tensor>): GoldenRow[] {
  const inputs = golden.inputs.map((input) => storedTensor(golden, tensors, 'in', input));
  return outputRows(golden, tensors, run(golden, inputs));
}

/** Backends that are held against MXNet compute in float32, also what MXNet computed in float64. */
const SINGLE: Tolerance = { absolute: 1e-5, relative: 1e-5 };

/** The case with tolerances for float32. Cases whose numbers are float64 have f64 at the end of their names. */
function inSingle(golden: OperatorCase): OperatorCase {
  if (!/\bf64$/.test(golden.id)) return golden;
  return { ...golden, tolerance: { forward: SINGLE, gradient: SINGLE } };
}

/** Once with all inputs fed, and, where there are several, once with all but the first as parameters, like weights. */
async function checkOnBackend(
  golden: OperatorCase,
  tensors: ReadonlyMap<string, Tensor>,
  backend: Backend,
): Promise<GoldenRow[]> {
  const inputs = golden.inputs.map((name) => [name, storedTensor(golden, tensors, 'in', name)] as const);
  const rows = [];
  for (const fed of new Set([inputs.length, Math.min(1, inputs.length)])) {
    const graph = trace(
      (parameters, values) => {
        const given = inputs.map(([name, { shape }], k) =>
          k < fed ? values[name]! : parameters.get(name, shape),
        );
        const results = run(golden, given);
        return Object.fromEntries(golden.outputs.map((name) => [name, results.get(name)!]));
      },
      Object.fromEntries(inputs.slice(0, fed).map(([name, { shape }]) => [name, shape])),
    );
    const outputs = await runOn(backend, graph, new Map(inputs), new Map(inputs));
    const compared = outputRows(golden, tensors, outputs);
    const note = fed < inputs.length ? ', weighted' : '';
    rows.push(...compared.map((row) => ({ ...row, name: row.name + note })));
  }
  return rows;
}

/** The outputs of a graph. */
async function runOn(
  backend: Backend,
  graph: Graph,
  inputs: ReadonlyMap<string, Tensor>,
  parameters: ReadonlyMap<string, Tensor> = new Map(),
): Promise<ReadonlyMap<string, Tensor>> {
  const plan = await backend.compile(graph, parameters);
  try {
    const feeds = graph.inputs.map(({ name }) => [name, inputs.get(name)!] as const);
    const results = await plan.run(Object.fromEntries(feeds));
    const entries = Object.entries(results).map(
      async ([name, value]) => [name, await toHost(value)] as const,
    );
    return new Map(await Promise.all(entries));
  } finally {
    plan.dispose();
  }
}

function outputRows(
  golden: OperatorCase,
  tensors: ReadonlyMap<string, Tensor>,
  results: ReadonlyMap<string, Tensor>,
): GoldenRow[] {
  return golden.outputs.map((output) => {
    const title = golden.outputs.length === 1 ? golden.id : `${golden.id} ${output}`;
    const got = results.get(output);
    if (!got) return failure(title, `no output called ${output}; there is ${[...results.keys()].join(', ')}`);
    return compareRow(title, got, storedTensor(golden, tensors, 'out', output), golden.tolerance.forward);
  });
}

/** Traces the operator, differentiates the graph and runs it on the stored inputs and incoming gradients. */
async function checkGradients(
  golden: OperatorCase,
  tensors: ReadonlyMap<string, Tensor>,
  backend: Backend = referenceBackend(),
): Promise<GoldenRow[]> {
  const inputs = golden.inputs.map((name) => [name, storedTensor(golden, tensors, 'in', name)] as const);
  const visible = golden.outputs.filter((name) => !name.endsWith('_after'));
  const shapes = Object.fromEntries(inputs.map(([name, { shape }]) => [name, shape]));
  const graph = trace((_, values) => {
    const results = run(
      golden,
      golden.inputs.map((name) => values[name]!),
    );
    return Object.fromEntries(visible.map((name) => [name, results.get(name)!]));
  }, shapes);
  // Operators that start the backward pass themselves have no stored head and ignore this one.
  const heads = visible.map((name) => {
    const stored = golden.headGradients.includes(name);
    return [`head/${name}`, stored ? storedTensor(golden, tensors, 'head', name) : undefined] as const;
  });
  const backward = differentiate(graph, visible, golden.gradients, { heads: true });
  const dtype = inputs[0]![1].dtype;
  const feeds = backward.inputs.map(({ name, shape }) => {
    const fed = new Map<string, Tensor | undefined>([...inputs, ...heads]).get(name);
    return [name, fed ?? full(shape, 1, dtype)] as const;
  });
  const outputs = await runOn(backend, backward, new Map(feeds));
  return golden.gradients.map((name) =>
    compareRow(
      `${golden.id} gradient ${name}`,
      outputs.get(gradientName(name))!,
      storedTensor(golden, tensors, 'grad', name),
      golden.tolerance.gradient,
    ),
  );
}

/** The outputs by MXNet's names: `NAME_after` is a moving statistic after the step. */
function run<V extends Value>(
  { mxnet, attributes, training }: OperatorCase,
  inputs: readonly V[],
): Map<string, V> {
  if (mxnet === WARP) return new Map([['output', warp(inputs[0]!, inputs[1]!, inputs[2])]]);
  const call = fromMxnet(mxnet, attributes, { training });
  const operator: AnyOperator = operators[call.operator satisfies OperatorName];
  const results = applyAny(operator, inputs, call.attributes);
  const single = results.length === 1 && operator.outputs.length === 0;
  const entries = results.map((result, k): [string, V] => [operator.outputs[k] ?? `output${k}`, result]);
  const after = entries.map(([name, result]): [string, V] => [`${name}_after`, result]);
  return new Map([...entries, ...after, ...(single ? [['output', results[0]!] as const] : [])]);
}
