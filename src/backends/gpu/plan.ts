/**
 * From a graph to launches: optimize, choose kernels, upload what is known, then run node by node and free every value
 * after its last reader.
 */
import { type Graph, lookUp, type Node, type ParameterSource, type ValueRef } from '../../graph/index.ts';
import { operators, runOperator, type OperatorName } from '../../ops/index.ts';
import type { Shape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { NodeReport, RunOptions } from '../backend.ts';
import type { Device } from './device.ts';
import type { Handle } from './gpujs.ts';
import type { Argument, KernelSpec } from './kernel.ts';
import { lower, type Lowered, kernelsOf, type LoweringOptions } from './lower.ts';
import { keyOf, nodeViews } from './node-view.ts';
import { type ReadyStep, runSteps } from './run-steps.ts';
import { type DeviceValue, freeValue, hostOf, packedOf, plainOf } from './values.ts';
import type { NodeView } from './kernel.ts';

/** An argument whose numbers, if known, are on the device already. */
type Prepared =
  Exclude<Argument, { from: 'weights' | 'table' }> | { readonly from: 'device'; readonly handle: Handle };

type PreparedStep = ReadyStep<Exclude<Prepared, { from: 'step' }>>;

interface PreparedNode {
  readonly node: Node;
  readonly view: NodeView;
  readonly lowered: Lowered;
  readonly steps: readonly PreparedStep[];
}

export interface ProgramRun extends Pick<RunOptions, 'signal'> {
  /** Told after each node. */
  readonly onNode?: (done: number, total: number) => void;
}

/** A graph ready to run on a device. */
export interface Program {
  /** The values of the graph's outputs; whoever asked owns those that are not inputs. */
  run(
    feeds: ReadonlyMap<string, DeviceValue>,
    options: ProgramRun,
  ): Promise<ReadonlyMap<string, DeviceValue>>;
  report(): readonly NodeReport[];
  dispose(): void;
}

/** Longest time between two chances for a page to do something else, in milliseconds. */
const BREATH = 12;
const breathe = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0));

export async function prepareProgram(
  device: Device,
  graph: Graph,
  parameters: ParameterSource,
  options: LoweringOptions,
): Promise<Program> {
  const capabilities =
    options.kernels === 'obvious' ? { ...device.capabilities, packed: undefined } : device.capabilities;
  const views = nodeViews(graph, capabilities, kernelsOf);
  const owned: Handle[] = [];
  const acquired: string[] = [];
  const acquire = (spec: KernelSpec): string => {
    const key = device.acquire(spec);
    acquired.push(key);
    return key;
  };
  let source: ParameterSource | undefined = parameters; // let go of, once everything is on the device
  const parameter = (ref: ValueRef): Tensor => {
    const { name, shape } = graph.parameters[ref.index]!;
    return lookUp(source!, name, shape);
  };
  const keep = async (handle: Promise<Handle>): Promise<Handle> => {
    owned.push(await handle);
    return handle;
  };
  const prepare = async (node: Node, argument: Argument): Promise<Prepared> => {
    if (argument.from === 'table')
      return { from: 'device', handle: await keep(device.upload(argument.upload)) };
    if (argument.from !== 'weights') return argument;
    const upload = argument.pack(argument.inputs.map((k) => parameter(node.inputs[k]!)));
    return { from: 'device', handle: await keep(device.upload(upload)) };
  };
  const dispose = (): void => {
    owned.splice(0).forEach((handle) => device.free(handle));
    acquired.splice(0).forEach((key) => device.release(key));
    for (const value of constants.values()) freeValue(device, value);
  };

  const constants = new Map<string, DeviceValue>(); // parameters that are read as they are
  const nodes: PreparedNode[] = [];
  let lastBreath = performance.now();
  try {
    for (const [index, node] of graph.nodes.entries()) {
      const view = views[index]!;
      const lowered = lower(node, view, options);
      const steps: PreparedStep[] = [];
      for (const step of lowered.where === 'device' ? lowered.lowering.steps : []) {
        const prepared: Prepared[] = [];
        for (const argument of step.arguments) prepared.push(await prepare(node, argument));
        steps.push({ key: acquire(step.spec), spec: step.spec, arguments: prepared });
      }
      nodes.push({ node, view, lowered, steps });
      for (const ref of readAsTheyAre(node, lowered)) {
        const host = parameter(ref);
        constants.set(keyOf(ref), { shape: host.shape, host });
      }
      if (performance.now() - lastBreath > BREATH) {
        await breathe();
        lastBreath = performance.now();
      }
    }
    for (const { value } of graph.outputs) {
      if (value.from === 'parameter') {
        const host = parameter(value);
        constants.set(keyOf(value), { shape: host.shape, host });
      }
    }
  } catch (error) {
    dispose();
    throw error;
  }
  source = undefined;

  const conversions = new Map<string, string>();
  const convert = async (spec: KernelSpec, handles: readonly Handle[]): Promise<Handle> => {
    const name = JSON.stringify(spec);
    if (!conversions.has(name)) conversions.set(name, acquire(spec));
    const [handle] = await device.launch(conversions.get(name)!, spec, handles);
    return handle!;
  };
  const lastReader = lastReaders(graph);
  let report: NodeReport[] = nodes.map((prepared) => reportOf(device, prepared, 0));

  return { run, report: () => report, dispose };

  async function run(
    feeds: ReadonlyMap<string, DeviceValue>,
    { signal, onNode }: ProgramRun,
  ): Promise<ReadonlyMap<string, DeviceValue>> {
    const values = new Map<string, DeviceValue>();
    graph.inputs.forEach(({ name }, index) => values.set(`input ${index}`, feeds.get(name)!));
    const read = (ref: ValueRef): DeviceValue => {
      const key = keyOf(ref);
      return ref.from === 'parameter' ? constants.get(key)! : values.get(key)!;
    };
    const times: NodeReport[] = [];
    let breath = performance.now();
    try {
      for (const [index, prepared] of nodes.entries()) {
        const start = performance.now();
        const outputs = await runNode(prepared, prepared.node.inputs.map(read));
        outputs.forEach((value, output) => values.set(keyOf({ from: 'node', index, output }), value));
        for (const key of lastReader.get(index) ?? []) {
          freeValue(device, values.get(key)!);
          values.delete(key);
        }
        if (options.profile) await device.finish();
        times.push(reportOf(device, prepared, performance.now() - start));
        onNode?.(index + 1, nodes.length);
        if (performance.now() - breath < BREATH) continue;
        await breathe();
        signal?.throwIfAborted();
        breath = performance.now();
      }
    } catch (error) {
      for (const [key, value] of values) if (key.startsWith('node')) freeValue(device, value);
      throw error;
    }
    report = times;
    return new Map(graph.outputs.map(({ name, value }) => [name, read(value)]));
  }

  async function runNode(
    { node, view, lowered, steps }: PreparedNode,
    inputs: readonly DeviceValue[],
  ): Promise<DeviceValue[]> {
    if (lowered.where === 'host') {
      const tensors = await Promise.all(inputs.map((input) => hostOf(device, input)));
      const results = runOperator(operators[node.operator as OperatorName], tensors, node.attributes);
      return results.map((host) => ({ shape: host.shape, host }));
    }
    const tables = new Map<Prepared, Handle>(); // several steps may read one
    const handleOf = async (argument: Exclude<Prepared, { from: 'step' }>): Promise<Handle> => {
      if (argument.from === 'device') return argument.handle;
      if (argument.from === 'host') {
        const known = tables.get(argument);
        if (known) return known;
        const values = await Promise.all(argument.inputs.map((k) => hostOf(device, inputs[k]!)));
        const table = await device.upload(argument.make(values));
        tables.set(argument, table);
        return table;
      }
      const input = inputs[argument.index]!;
      if (argument.as === 'plain') return plainOf(device, input, convert);
      return packedOf(device, input, view.packedInput(argument.index)!, convert);
    };
    const { outputs } = lowered.lowering;
    try {
      const handles = await runSteps(device, steps, outputs, handleOf);
      return outputs.map((step, output) =>
        valueOf(view.outputs[output]!, steps[step]!.spec, handles[output]!),
      );
    } finally {
      tables.forEach((table) => device.free(table));
    }
  }
}

/** Parameters of a node that are not packed into weights beforehand. */
function readAsTheyAre(node: Node, lowered: Lowered): ValueRef[] {
  const steps = lowered.where === 'device' ? lowered.lowering.steps : undefined;
  const read = steps?.flatMap(({ arguments: list }) =>
    list.flatMap((argument) =>
      argument.from === 'input' ? [argument.index] : argument.from === 'host' ? argument.inputs : [],
    ),
  );
  return node.inputs.filter((ref, k) => ref.from === 'parameter' && (!read || read.includes(k)));
}

/** A value fresh from its kernel. */
function valueOf(shape: Shape, { result, name }: KernelSpec, handle: Handle): DeviceValue {
  if (result.kind === 'plain') return { shape, plain: handle };
  if (result.kind === 'packed') return { shape, packed: { handle, layout: result } };
  throw new Error(`kernel ${name} gives texels that are no tensor`);
}

/** After which node the values are freed that nobody reads any more. Outputs never are. */
function lastReaders(graph: Graph): ReadonlyMap<number, readonly string[]> {
  const last = new Map<string, number>();
  graph.nodes.forEach((node, index) => {
    node.shapes.forEach((_, output) => last.set(keyOf({ from: 'node', index, output }), index));
    for (const ref of node.inputs) if (ref.from === 'node') last.set(keyOf(ref), index);
  });
  for (const { value } of graph.outputs) last.delete(keyOf(value));
  const byNode = new Map<number, string[]>();
  for (const [key, index] of last) byNode.set(index, [...(byNode.get(index) ?? []), key]);
  return byNode;
}

function reportOf(device: Device, { node, lowered, steps }: PreparedNode, milliseconds: number): NodeReport {
  const { name, operator } = node;
  if (lowered.where === 'host') {
    return {
      name,
      operator,
      kernel: `reference (${lowered.reason})`,
      where: 'host',
      launches: 0,
      milliseconds,
    };
  }
  const compiled = [...new Set(steps.map(({ key }) => key))].map(
    (key) => device.compileMilliseconds(key) ?? 0,
  );
  return {
    name,
    operator,
    kernel: `${lowered.kind}: ${[...new Set(steps.map(({ spec }) => spec.name))].join(' + ')}`,
    where: device.mode,
    launches: steps.length,
    compileMilliseconds: compiled.reduce((sum, time) => sum + time, 0),
    milliseconds,
  };
}
