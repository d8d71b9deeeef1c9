/**
 * Runs the kernels of an operator in plain JavaScript, texel by texel: those for textures and buffers too, which gpu.js runs
 * on graphics cards only. Slow and strict: a read outside an argument, which a card answers with something, throws, or
 * gives NaN where a kernel promises not to use what it read.
 */
import { runInNewContext } from 'node:vm';
import type {
  Argument,
  GpuOperator,
  KernelSpec,
  Lowering,
  NodeView,
} from '../../../src/backends/gpu/kernel.ts';
import { type Axes, pack, packedLayout, plainAxes, unpack } from '../../../src/backends/gpu/layout.ts';
import { numbersIn } from '../../../src/backends/gpu/device.ts';
import { gpuOperators } from '../../../src/backends/gpu/operators.ts';
import { type OperatorName, operators } from '../../../src/ops/index.ts';
import { type Shape, type Tensor, tensor } from '../../../src/tensor/index.ts';

export interface EmulatedDevice {
  /** How packed tensors are read. Default textures. */
  readonly packed?: 'textures' | 'buffers';
  /** Longest side of a texture: a small one puts planes side by side. Default 4096. */
  readonly maxSide?: number;
  /** Longer launches are split. Default: none is. */
  readonly mostMultiplyAdds?: number;
  /** Decides between the kernels of a convolution. Default Infinity: the window. */
  readonly transformCost?: number;
  /** What a read outside an argument gives. Default: an error. */
  readonly outside?: 'error' | 'NaN';
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
  return lowering && run(lowering, view, inputs, device.outside);
}

/** What the fast kernels on plain tensors give, of an operator that has such; undefined for nodes that they cannot do. */
export function runFastPlain(
  name: OperatorName,
  inputs: readonly Tensor[],
  attributes: object,
): readonly Tensor[] | undefined {
  const view = viewOf(name, inputs, attributes, {});
  const lowering = (gpuOperators[name] as GpuOperator<unknown>).fastPlain?.(view);
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
  device: EmulatedDevice,
): NodeView {
  const { packed = 'textures', maxSide = 4096, borders = [0, 0] } = device;
  const { mostMultiplyAdds = Infinity, transformCost = Infinity } = device;
  const operator = operators[name];
  const complete = { ...operator.defaults, ...attributes };
  const shapes = inputs.map(({ shape }) => shape);
  const outputs = operator.shape(shapes, complete);
  const kernels = gpuOperators[name] as GpuOperator<unknown>;
  const sections = (k: number): number => kernels.sections?.(view, k) ?? 1;
  const view: NodeView = {
    name,
    attributes: complete,
    inputs: shapes,
    outputs,
    isParameter: () => true,
    packedInput: (k) => packedLayout(shapes[k]!, borders[0], maxSide, sections(k)),
    packedOutput: (k) => packedLayout(outputs[k]!, borders[1], maxSide),
    capabilities: {
      packed,
      fourPlanes: false,
      maxSide,
      maxParts: 8,
      tile: 4,
      mostMultiplyAdds,
      transformCost,
    },
  };
  return view;
}

function run(
  { steps, outputs }: Lowering,
  view: NodeView,
  inputs: readonly Tensor[],
  outside: EmulatedDevice['outside'] = 'error',
): Tensor[] {
  const results: (readonly Held[])[] = [];
  for (const step of steps) {
    const held = step.arguments.map((argument) => holdArgument(argument, view, inputs, results));
    const layout = step.spec.result;
    results.push(launch(step.spec, held, outside).map((data) => ({ layout, data })));
  }
  return outputs.map((step, output) => toTensor(results[step]![0]!, view.outputs[output]!));
}

function holdArgument(
  argument: Argument,
  view: NodeView,
  inputs: readonly Tensor[],
  results: readonly (readonly Held[])[],
): Held {
  if (argument.from === 'step') return results[argument.index]![argument.part ?? 0]!;
  if (argument.from === 'table') return argument.upload;
  if (argument.from === 'weights') return argument.pack(argument.inputs.map((k) => inputs[k]!));
  if (argument.from === 'host') return argument.make(argument.inputs.map((k) => inputs[k]!));
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

/** The numbers that a kernel gives: one list, or one for each texture of a kernel map. */
function launch(
  spec: KernelSpec,
  held: readonly Held[],
  outside: NonNullable<EmulatedDevice['outside']>,
): readonly Float32Array[] {
  const [columns, rows, planes] = spec.output;
  const perThread = spec.gives === 'number' ? 1 : 4;
  const size = numbersIn(spec.result);
  const parts = Array.from({ length: spec.parts ?? 1 }, () => new Float32Array(size));
  const result = parts[0]!;
  let at = 0;
  const put = (texel: number, ...lanes: readonly number[]): number => {
    check(texel, size / 4);
    result.set(lanes, 4 * texel);
    return 0;
  };
  const stores = parts.map((part, k) => [`s${k}`, (texel: readonly number[]) => part.set(texel, at)]);
  const [, list = ''] = /\(([^)]*)\)/.exec(spec.source)!;
  const names = list.split(',').map((name) => name.trim());
  const loads = held.map(({ data }, k) => [
    `ld${names[k]}`,
    (texel: number) =>
      outside === 'NaN' && !isInside(texel, data.length / 4)
        ? NOTHING
        : data.subarray(4 * check(texel, data.length / 4), 4 * texel + 4),
  ]);
  const kernel = runInNewContext(`(${spec.source})`, {
    ...Object.fromEntries([...loads, ...stores]),
    put,
  }) as (...args: unknown[]) => number | readonly number[];
  const seen = held.map((each) => see(each, outside));
  for (let z = 0; z < planes; z++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const given = kernel.call({ thread: { x, y, z }, constants: spec.constants ?? {} }, ...seen);
        if (spec.gives === 'planes') setPlanes(result, spec, given as readonly number[], [x, y, z]);
        else if (spec.gives !== 'puts') result.set(typeof given === 'number' ? [given] : given, at);
        at += perThread;
      }
    }
  }
  return parts;
}

/** Numbers of four planes, of which the last ones of an image may be missing. */
function setPlanes(
  result: Float32Array,
  { output: [columns, rows], planes }: KernelSpec,
  given: readonly number[],
  [x, y, z]: Axes,
): void {
  const stacks = Math.ceil(planes! / 4);
  const image = Math.floor(z / stacks);
  const first = 4 * (z % stacks);
  for (const [l, value] of given.slice(0, planes! - first).entries()) {
    result[((image * planes! + first + l) * rows + y) * columns + x] = value;
  }
}

const NOTHING: readonly number[] = [NaN, NaN, NaN, NaN];

/** data[plane][row][column] of plain numbers, texels[row][column] of others. Reading beyond an end throws. */
function see({ layout, data }: Held, outside: NonNullable<EmulatedDevice['outside']>): Seen {
  const nest = (sizes: readonly number[], start: number, step: number): Seen => {
    const [size, ...inner] = sizes;
    if (size === undefined)
      return layout.kind === 'plain' ? data[start]! : [...data.subarray(start, start + 4)];
    const width = step / size;
    const list = Array.from({ length: size }, (_, i) => nest(inner, start + i * width, width));
    return strict(list, outside === 'NaN' ? beyond[inner.length] : undefined);
  };
  return nest(sizesOf(layout, data), 0, data.length);
}

/** Planes, rows and columns of numbers, or rows and columns of texels; of parts of a kernel map, planes too. */
function sizesOf(layout: Held['layout'], data: Float32Array): readonly number[] {
  if (layout.kind === 'plain') return layout.axes.toReversed();
  if (layout.kind === 'texels' && layout.planes)
    return [layout.planes, layout.rows / layout.planes, layout.columns];
  return [layout.rows, data.length / 4 / layout.rows];
}

/** What lies outside: a texel, or a row of them. */
const beyond: readonly Seen[] = [NOTHING, new Proxy([], { get: () => NOTHING })];

function strict(list: readonly Seen[], outside: Seen | undefined): readonly Seen[] {
  return new Proxy(list, {
    get(target, key) {
      const index = Number(key);
      if (outside !== undefined && !isInside(index, target.length)) return outside;
      return target[check(index, target.length)];
    },
  });
}

const isInside = (index: number, size: number): boolean =>
  Number.isInteger(index) && index >= 0 && index < size;

function check(index: number, size: number): number {
  if (isInside(index, size)) return index;
  throw new Error(`a kernel reads at ${index} of ${size}`);
}
