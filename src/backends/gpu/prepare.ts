/**
 * What is done once for a graph: choose kernels, acquire them, and bring to the device what is known beforehand, the
 * weights in the form that their kernels read and the tables. The parameters themselves are let go of.
 */
import { type Graph, lookUp, type Node, type ParameterSource, type ValueRef } from '../../graph/index.ts';
import { breather } from '../breathe.ts';
import type { Device } from './device.ts';
import type { Handle } from './gpujs.ts';
import type { Argument, KernelSpec, NodeView, Step } from './kernel.ts';
import { kernelsOf, lower, type Lowered, type LoweringOptions } from './lower.ts';
import { keyOf } from '../value-key.ts';
import { nodeViews } from './node-view.ts';
import type { ReadyStep } from './run-steps.ts';
import { type DeviceValue, freeValue } from './values.ts';

/** Longest time between two chances for a page to do something else, in milliseconds. */
export const BREATH = 12;

/** An argument whose numbers, if known, are on the device already. */
export type Prepared =
  Exclude<Argument, { from: 'weights' | 'table' }> | { readonly from: 'device'; readonly handle: Handle };

type PreparedStep = ReadyStep<Exclude<Prepared, { from: 'step' }>>;

export interface PreparedNode {
  readonly node: Node;
  readonly view: NodeView;
  readonly lowered: Lowered;
  readonly steps: readonly PreparedStep[];
}

export interface PreparedGraph {
  readonly nodes: readonly PreparedNode[];
  /** Parameters that kernels read as they are, by `keyOf`. */
  readonly constants: ReadonlyMap<string, DeviceValue>;
  /** Says that a kernel will be used; it is released with the others. */
  readonly acquire: (spec: KernelSpec) => string;
  readonly dispose: () => void;
}

export async function prepareGraph(
  device: Device,
  graph: Graph,
  parameters: ParameterSource,
  options: LoweringOptions,
): Promise<PreparedGraph> {
  const obvious = options.kernels === 'obvious';
  const capabilities = obvious ? { ...device.capabilities, packed: undefined } : device.capabilities;
  const views = nodeViews(graph, capabilities, kernelsOf);
  const belongings = ownedBy(device);
  const parameter = (ref: ValueRef): DeviceValue => {
    const { name, shape } = graph.parameters[ref.index]!;
    return { shape, host: lookUp(parameters, name, shape) };
  };
  const outputs = graph.outputs.map(({ value }) => value).filter(({ from }) => from === 'parameter');
  const nodes: PreparedNode[] = [];
  const breathe = breather(BREATH);
  try {
    for (const ref of outputs) belongings.constants.set(keyOf(ref), parameter(ref));
    for (const [index, node] of graph.nodes.entries()) {
      const view = views[index]!;
      const lowered = lower(node, view, options);
      const steps: PreparedStep[] = [];
      for (const step of lowered.where === 'device' ? lowered.lowering.steps : []) {
        steps.push(await prepareStep(step, (k) => parameter(node.inputs[k]!), device, belongings));
      }
      nodes.push({ node, view, lowered, steps });
      for (const ref of readAsTheyAre(node, lowered)) belongings.constants.set(keyOf(ref), parameter(ref));
      await breathe();
    }
  } catch (error) {
    belongings.dispose();
    throw error;
  }
  const { constants, acquire, dispose } = belongings;
  return { nodes, constants, acquire, dispose };
}

/** What a prepared graph holds on the device. */
interface Belongings {
  readonly constants: Map<string, DeviceValue>;
  readonly acquire: (spec: KernelSpec) => string;
  readonly keep: (handle: Handle) => Handle;
  readonly dispose: () => void;
}

function ownedBy(device: Device): Belongings {
  const constants = new Map<string, DeviceValue>();
  const handles: Handle[] = [];
  const acquired: string[] = [];
  return {
    constants,
    acquire(spec) {
      const key = device.acquire(spec);
      acquired.push(key);
      return key;
    },
    keep(handle) {
      handles.push(handle);
      return handle;
    },
    dispose() {
      handles.splice(0).forEach((handle) => device.free(handle));
      acquired.splice(0).forEach((key) => device.release(key));
      for (const value of constants.values()) freeValue(device, value);
    },
  };
}

async function prepareStep(
  { spec, arguments: list }: Step,
  parameter: (input: number) => DeviceValue,
  device: Device,
  { acquire, keep }: Belongings,
): Promise<PreparedStep> {
  const prepared: Prepared[] = [];
  for (const argument of list) {
    if (argument.from === 'table') {
      prepared.push({ from: 'device', handle: keep(await device.upload(argument.upload)) });
    } else if (argument.from === 'weights') {
      const upload = argument.pack(argument.inputs.map((k) => parameter(k).host!));
      prepared.push({ from: 'device', handle: keep(await device.upload(upload)) });
    } else prepared.push(argument);
  }
  return { key: acquire(spec), spec, arguments: prepared };
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
