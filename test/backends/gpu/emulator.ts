/**
 * Runs the kernels of an operator in plain JavaScript, texel by texel: those for textures and buffers too, which gpu.js runs
 * on graphics cards only. Slow and strict: a read outside an argument, which a card answers with something, throws.
 */
import { runInNewContext } from 'node:vm';
import type {
  Argument,
  GpuOperator,
  KernelSpec,
  Lowering,
  NodeView,
} from '../../../src/backends/gpu/kernel.ts';
import { pack, packedLayout, plainAxes, unpack } from '../../../src/backends/gpu/layout.ts';
import { gpuOperators } from '../../../src/backends/gpu/operators.ts';
import { type OperatorName, operators } from '../../../src/ops/index.ts';
import { type Shape, type Tensor, tensor } from '../../../src/tensor/index.ts';

export interface EmulatedDevice {
  /** How packed tensors are read. Default textures. */
  readonly packed?: 'textures' | 'buffers';
  /** Longest side of a texture: a small one puts planes side by side. Default 4096. */
  readonly maxSide?: number;
  /** Zeros around the planes of inputs and of outputs. Default 0 and 0. */
  readonly borders?: readonly [input: number, output: number];
}

/** Numbers as a kernel sees them. */
type Seen = readonly Seen[] | number;

/** Numbers on the emulated device, in the order of their layout. */
interface Held {
  readonly layout: KernelSpec['result'];
  readonly data: Float32Array;
}

/** What the fast kernels of an operator give; undefined for nodes that they cannot do. All inputs count as parameters. */
export function runFast(
  name: OperatorName,
  inputs: readonly Tensor[],
  attributes: object,
  device: EmulatedDevice = {},
): readonly Tensor[] | undefined {
  const view = viewOf(name, inputs, attributes, device);
  const lowering = (gpuOperators[name] as GpuOperator<unknown>).fast?.(view);
  return lowering && run(lowering, view, inputs);
}

/** What the obvious kernels of an operator give. */
export function runObvious(
  name: OperatorName,
  inputs: readonly Tensor[],
  attributes: object,
): readonly Tensor[] {
  const view = viewOf(name, inputs, attributes, {});
  return run((gpuOperators[name] as GpuOperator<unknown>).obvious(view), view, inputs);
}

function viewOf(
  name: OperatorName,
  inputs: readonly Tensor[],
  attributes: object,
  { packed = 'textures', maxSide = 4096, borders = [0, 0] }: EmulatedDevice,
): NodeView {
  const operator = operators[name];
  const complete = { ...operator.defaults, ...attributes };
  const shapes = inputs.map(({ shape }) => shape);
  const outputs = operator.shape(shapes, complete);
  return {
    name,
    attributes: complete,
    inputs: shapes,
    outputs,
    isParameter: () => true,
    packedInput: (k) => packedLayout(shapes[k]!, borders[0], maxSide),
    packedOutput: (k) => packedLayout(outputs[k]!, borders[1], maxSide),
    capabilities: { packed, maxSide, maxParts: 8, tile: 4 },
  };
}

function run({ steps, outputs }: Lowering, view: NodeView, inputs: readonly Tensor[]): Tensor[] {
  const results: Held[] = [];
  for (const step of steps) {
    const held = step.arguments.map((argument) => holdArgument(argument, view, inputs, results));
    results.push({ layout: step.spec.result, data: launch(step.spec, held) });
  }
  return outputs.map((step, output) => toTensor(results[step]!, view.outputs[output]!));
}

function holdArgument(
  argument: Argument,
  view: NodeView,
  inputs: readonly Tensor[],
  results: readonly Held[],
): Held {
  if (argument.from === 'step') return results[argument.index]!;
  if (argument.from === 'table') return argument.upload;
  if (argument.from === 'weights') return argument.pack(argument.inputs.map((k) => inputs[k]!));
  if (argument.from !== 'input') throw new Error(`no argument from ${argument.from}`);
  const { data, shape } = inputs[argument.index]!;
  if (argument.as === 'packed') {
    const layout = view.packedInput(argument.index)!;
    return { layout, data: pack(data, layout) };
  }
  return { layout: { kind: 'plain', axes: plainAxes(shape) }, data: Float32Array.from(data) };
}

function toTensor({ layout, data }: Held, shape: Shape): Tensor {
  if (layout.kind === 'texels') throw new Error('texels are no tensor');
  if (layout.kind === 'packed') assertZeroBorders(data, layout);
  return tensor(shape, layout.kind === 'packed' ? unpack(data, layout) : data);
}

/** Borders, spare planes and spare lanes must be zero: others rely on it. */
function assertZeroBorders(data: Float32Array, layout: Extract<Held['layout'], { kind: 'packed' }>): void {
  const again = pack(unpack(data, layout), layout);
  const odd = data.findIndex((value, i) => !Object.is(value, again[i]) && value !== again[i]);
  if (odd !== -1) throw new Error(`number ${odd} belongs to no channel and is ${data[odd]}, not 0`);
}

function launch(spec: KernelSpec, held: readonly Held[]): Float32Array {
  const [columns, rows, planes] = spec.output;
  const perThread = spec.gives === 'texel' ? 4 : 1;
  const size =
    spec.result.kind === 'plain' ? columns * rows * planes : 4 * spec.result.columns * spec.result.rows;
  const result = new Float32Array(size);
  const put = (texel: number, ...lanes: readonly number[]): number => {
    check(texel, size / 4);
    result.set(lanes, 4 * texel);
    return 0;
  };
  const [, list = ''] = /\(([^)]*)\)/.exec(spec.source)!;
  const names = list.split(',').map((name) => name.trim());
  const loads = held.map(({ data }, k) => [
    `ld${names[k]}`,
    (texel: number) => data.subarray(4 * check(texel, data.length / 4), 4 * texel + 4),
  ]);
  const kernel = runInNewContext(`(${spec.source})`, {
    ...Object.fromEntries(loads),
    put,
  }) as (...args: unknown[]) => number | readonly number[];
  const seen = held.map(see);
  let at = 0;
  for (let z = 0; z < planes; z++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const given = kernel.call({ thread: { x, y, z }, constants: spec.constants ?? {} }, ...seen);
        if (spec.gives !== 'puts') result.set(typeof given === 'number' ? [given] : given, at);
        at += perThread;
      }
    }
  }
  return result;
}

/** data[plane][row][column] of plain numbers, texels[row][column] of others. Reading beyond an end throws. */
function see({ layout, data }: Held): Seen {
  const nest = (sizes: readonly number[], start: number, step: number): Seen => {
    const [size, ...inner] = sizes;
    if (size === undefined)
      return layout.kind === 'plain' ? data[start]! : [...data.subarray(start, start + 4)];
    const width = step / size;
    return strict(Array.from({ length: size }, (_, i) => nest(inner, start + i * width, width)));
  };
  const sizes = layout.kind === 'plain' ? layout.axes.toReversed() : [layout.rows, layout.columns];
  return nest(sizes, 0, data.length);
}

function strict(list: readonly Seen[]): readonly Seen[] {
  return new Proxy(list, {
    get: (target, key) => target[check(Number(key), target.length)],
  });
}

function check(index: number, size: number): number {
  if (Number.isInteger(index) && index >= 0 && index < size) return index;
  throw new Error(`a kernel reads at ${index} of ${size}`);
}
