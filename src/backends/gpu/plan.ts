/** A prepared graph run: node by node, every value freed after its last reader. */
import { type Graph, lifetimes, type ParameterSource, type ValueRef } from '../../graph/index.ts';
import { operators, runOperator, type OperatorName } from '../../ops/index.ts';
import type { Shape } from '../../tensor/shape.ts';
import type { NodeReport, RunOptions } from '../backend.ts';
import { breather } from '../breathe.ts';
import { conversionsOn } from './conversions.ts';
import type { Device } from './device.ts';
import type { Handle } from './gpujs.ts';
import type { KernelSpec } from './kernel.ts';
import type { LoweringOptions } from './lower.ts';
import { keyOf } from '../value-key.ts';
import { BREATH, prepareGraph, type Prepared, type PreparedNode } from './prepare.ts';
import { runSteps } from './run-steps.ts';
import { type DeviceValue, freeValue, hostOf, packedOf, plainOf } from './values.ts';

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

export async function prepareProgram(
  device: Device,
  graph: Graph,
  parameters: ParameterSource,
  options: LoweringOptions,
): Promise<Program> {
  const { nodes, constants, acquire, dispose } = await prepareGraph(device, graph, parameters, options);
  const convert = conversionsOn(device, acquire);
  const freed = freedAfter(graph);
  let times: readonly number[] = [];

  return {
    run,
    report: () => nodes.map((prepared, index) => reportOf(device, prepared, times[index] ?? 0)),
    dispose,
  };

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
    const taken: number[] = [];
    const breathe = breather(BREATH);
    try {
      for (const [index, prepared] of nodes.entries()) {
        const start = performance.now();
        const outputs = await runNode(prepared, prepared.node.inputs.map(read));
        outputs.forEach((value, output) => values.set(keyOf({ from: 'node', index, output }), value));
        for (const key of freed[index]!) {
          freeValue(device, values.get(key)!);
          values.delete(key);
        }
        if (options.profile) await device.finish();
        taken.push(performance.now() - start);
        onNode?.(index + 1, nodes.length);
        if (await breathe()) signal?.throwIfAborted();
      }
    } catch (error) {
      for (const [key, value] of values) if (key.startsWith('node')) freeValue(device, value);
      throw error;
    }
    times = taken;
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

/** A value fresh from its kernel. */
function valueOf(shape: Shape, { result, name }: KernelSpec, handle: Handle): DeviceValue {
  if (result.kind === 'plain') return { shape, plain: handle };
  if (result.kind === 'packed') return { shape, packed: { handle, layout: result } };
  throw new Error(`kernel ${name} gives texels that are no tensor`);
}

/** The values that are freed after each node: those that nobody reads any more. */
function freedAfter(graph: Graph): readonly (readonly string[])[] {
  const freed: string[][] = graph.nodes.map(() => []);
  lifetimes(graph).forEach((ends, index) =>
    ends.forEach((end, output) => freed[end]?.push(keyOf({ from: 'node', index, output }))),
  );
  return freed;
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
