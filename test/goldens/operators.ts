/** Golden cases of single operators: a folder with `cases.json` and one safetensors file per operator. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AnyOperator, type OperatorName, operators, runOperator, warp } from '../../src/ops/index.ts';
import { readSafetensors, type Tensor, type Tolerance } from '../../src/tensor/index.ts';
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
  readonly tolerance: { readonly forward: Tolerance; readonly gradient: Tolerance };
}

/** The composition that MXNet has no single operator for. */
const WARP = 'GridGenerator+BilinearSampler+broadcast_mul';

/** Runs every case of a folder. */
export async function checkOperators(folder: string): Promise<GoldenRow[]> {
  const { cases } = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as {
    cases: OperatorCase[];
  };
  const files = new Map<string, Map<string, Tensor>>();
  const rows: GoldenRow[] = [];
  for (const golden of cases) {
    if (!files.has(golden.operator)) {
      const bytes = await readFile(join(folder, `${golden.operator}.safetensors`));
      files.set(golden.operator, readSafetensors(bytes, `${golden.operator}.safetensors`));
    }
    try {
      rows.push(...checkForward(golden, files.get(golden.operator)!));
    } catch (error) {
      rows.push(failure(golden.id, String(error)));
    }
  }
  return rows;
}

function checkForward(golden: OperatorCase, tensors: ReadonlyMap<string, Tensor>): GoldenRow[] {
  const name = golden.id.slice(golden.id.indexOf('/') + 1);
  const stored = (label: string, what: string): Tensor => {
    const found = tensors.get(`${name}/${label}/${what}`);
    if (!found) throw new Error(`${name}/${label}/${what} is not stored`);
    return found;
  };
  const inputs = golden.inputs.map((input) => stored('in', input));
  const results = run(golden, inputs);
  return golden.outputs.map((output) => {
    const title = golden.outputs.length === 1 ? golden.id : `${golden.id} ${output}`;
    const got = results.get(output);
    if (!got) return failure(title, `no output called ${output}; there is ${[...results.keys()].join(', ')}`);
    return compareRow(title, got, stored('out', output), golden.tolerance.forward);
  });
}

/** The outputs by MXNet's names: `NAME_after` is a moving statistic after the step. */
function run({ mxnet, attributes, training }: OperatorCase, inputs: readonly Tensor[]): Map<string, Tensor> {
  if (mxnet === WARP) return new Map([['output', warp(inputs[0]!, inputs[1]!, inputs[2])]]);
  const call = fromMxnet(mxnet, attributes, { training });
  const operator: AnyOperator = operators[call.operator satisfies OperatorName];
  const results = runOperator(operator, inputs, call.attributes);
  const single = results.length === 1 && operator.outputs.length === 0;
  const entries = results.map((result, k): [string, Tensor] => [operator.outputs[k] ?? `output${k}`, result]);
  const after = entries.map(([name, result]): [string, Tensor] => [`${name}_after`, result]);
  return new Map([...entries, ...after, ...(single ? [['output', results[0]!] as const] : [])]);
}
