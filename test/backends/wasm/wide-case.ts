/** One call of an operator on a WebAssembly backend, its inputs in blocks or not, with a convolution behind its outputs. */
import type { WasmBackend } from '../../../src/backends/wasm/index.ts';
import { trace } from '../../../src/graph/index.ts';
import {
  applyAny,
  convolution,
  type OperatorName,
  operators,
  runOperator,
  type Value,
} from '../../../src/ops/index.ts';
import { elementCount, type Shape, type Tensor, tensor } from '../../../src/tensor/index.ts';
import { difference, randomNumbers } from '../../../src/testing/index.ts';

export interface WideCase {
  readonly operator: OperatorName;
  readonly inputs: readonly Tensor[];
  readonly attributes?: object;
  /** Default: all bits are the reference's. */
  readonly tolerance?: number;
}

/** Numbers from −1 up to 1. */
export const next: () => number = randomNumbers(11);

/** Numbers from −2 up to 2, none of them 0. */
export function random(...shape: Shape): Tensor {
  const data = Float32Array.from({ length: elementCount(shape) }, () => 2 * (next() || 1));
  return tensor(shape, data);
}

/** The filters of a convolution that gives what it takes. */
function identity(channels: number): Tensor {
  const data = Float32Array.from({ length: channels * channels }, (_, i) =>
    i % (channels + 1) === 0 ? 1 : 0,
  );
  return tensor([channels, channels, 1, 1], data);
}

/** The outputs, and behind those of four axes a convolution that changes nothing. */
export async function run(
  backend: WasmBackend,
  one: WideCase,
  inBlocks: boolean,
): Promise<Record<string, Tensor>> {
  const parameters = new Map<string, Tensor>();
  const graph = trace(
    (given, values) => {
      const behind = (value: Value): Value => {
        const C = value.shape[1]!;
        parameters.set(`identity${C}`, identity(C));
        return convolution<Value>(value, given.get(`identity${C}`, [C, C, 1, 1]));
      };
      const outputs: Record<string, Value> = {};
      const fed = one.inputs.map(({ shape }, k): Value => {
        const value: Value = values[`in${k}`]!;
        return inBlocks && shape.length === 4 ? (outputs[`before${k}`] = behind(value)) : value;
      });
      applyAny<Value>(operators[one.operator], fed, one.attributes ?? {}).forEach((result, k) => {
        outputs[`out${k}`] = result;
        if (result.shape.length === 4 && elementCount(result.shape) > 0)
          outputs[`behind${k}`] = behind(result);
      });
      return outputs as never;
    },
    Object.fromEntries(one.inputs.map(({ shape }, k) => [`in${k}`, shape])),
  );
  const plan = await backend.compile(graph, parameters);
  try {
    const results = await plan.run(Object.fromEntries(one.inputs.map((input, k) => [`in${k}`, input])));
    return results as Record<string, Tensor>;
  } finally {
    plan.dispose();
  }
}

/** −0 becomes 0, as in a convolution. */
const unsigned = (given: Tensor): Tensor => ({
  ...given,
  data: given.data.map((x) => x + 0),
});

/** One sentence for each output that is not the reference's. */
export function problems(one: WideCase, results: Record<string, Tensor>): string[] {
  const expected = runOperator(operators[one.operator], one.inputs, one.attributes ?? {});
  return expected.flatMap((output, k) =>
    [`out${k}`, `behind${k}`].flatMap((name) => {
      const got = results[name];
      if (!got) return [];
      return difference(
        `${one.operator}, ${name}`,
        unsigned(got),
        unsigned(output),
        'the reference',
        one.tolerance ?? 'bits',
      );
    }),
  );
}
