/**
 * From a graph to a plan: optimize it, prepare a program, and carry feeds in and results out.
 *
 * Inner values asked for with `keep` are fused away in a plan that knows nothing of them; the first run that asks gets a
 * program of its own, in which they are outputs.
 */
import { checkedFeed, type Graph, keepValues, optimize, type ParameterSource } from '../../graph/index.ts';
import { zeros } from '../../tensor/tensor.ts';
import { type DeviceTensor, type Fed, isDeviceTensor, type Plan, type RunOptions } from '../backend.ts';
import { checkCompiling, checkRunning } from '../check-arguments.ts';
import type { Device } from './device.ts';
import type { LoweringOptions } from './lower.ts';
import { prepareProgram, type Program, type ProgramRun } from './plan.ts';
import { expectLargeIndices, needsLargeIndices } from './probes.ts';
import { type DeviceValue, freeValue, hostOf } from './values.ts';

export const NAME = 'gpu';

/** A tensor on a device of this backend. */
interface GpuTensor extends DeviceTensor {
  readonly device: Device;
  readonly value: DeviceValue;
}

/** A program, and what was done to its graph. */
interface Compiled {
  readonly program: Program;
  readonly passes: readonly string[];
}

export async function compile(
  device: Device,
  graph: Graph,
  source: ParameterSource,
  options: LoweringOptions,
): Promise<Plan> {
  checkCompiling(graph, source);
  const variants = new Map<string, Promise<Compiled>>();
  const programs: Program[] = [];
  const variant = (keep: readonly string[]): Promise<Compiled> => {
    const key = [...keep].sort().join('\n');
    const known = variants.get(key);
    if (known) return known;
    const made = prepare(device, keepValues(graph, keep), source, options);
    variants.set(key, made);
    made.then(
      ({ program }) => programs.push(program),
      () => variants.delete(key),
    );
    return made;
  };
  if (needsLargeIndices(graph)) await expectLargeIndices(device);
  let last = await variant([]);
  let readBacks = { count: 0, bytes: 0 };
  return {
    async run(feeds, asked) {
      checkRunning(feeds, asked);
      const { keep = [], ...runOptions } = asked ?? {};
      runOptions.signal?.throwIfAborted();
      last = await variant(keep);
      const before = device.counts();
      const results = await runProgram(device, graph, last.program, feeds, runOptions);
      const after = device.counts();
      const bytes = after.readBackBytes - before.readBackBytes;
      readBacks = { count: after.readBacks - before.readBacks, bytes };
      return results;
    },
    async warmUp(onNode, signal) {
      const { program } = await variant([]);
      const feeds = Object.fromEntries(graph.inputs.map(({ name, shape }) => [name, zeros(shape)]));
      const options = { ...(onNode && { onNode }), ...(signal && { signal }) };
      await runProgram(device, graph, program, feeds, options);
    },
    report: () => ({ backend: NAME, nodes: last.program.report(), passes: last.passes, readBacks }),
    dispose() {
      programs.splice(0).forEach((program) => program.dispose());
      variants.clear();
    },
  };
}

async function prepare(
  device: Device,
  graph: Graph,
  source: ParameterSource,
  options: LoweringOptions,
): Promise<Compiled> {
  const optimized = optimize(graph);
  const program = await prepareProgram(device, optimized.graph, optimized.parameters(source), options);
  return { program, passes: optimized.passes };
}

async function runProgram(
  device: Device,
  graph: Graph,
  program: Program,
  feeds: Readonly<Record<string, Fed>>,
  { keepOnDevice = [], ...options }: RunOptions & ProgramRun,
): Promise<Record<string, Fed>> {
  const fed = new Map<string, DeviceValue>();
  for (const port of graph.inputs) {
    fed.set(port.name, await valueFed(device, checkedFeed(feeds, port)));
  }
  const given: Record<string, Fed> = {};
  const staying = new Set<DeviceValue>();
  try {
    const results = await program.run(fed, options);
    for (const name of keepOnDevice) {
      const value = results.get(name);
      if (value) staying.add(value);
    }
    for (const [name, value] of results) {
      given[name] = keepOnDevice.includes(name) ? gpuTensor(device, value) : await hostOf(device, value);
    }
    const inputs = new Set(fed.values());
    for (const value of results.values()) {
      if (!staying.has(value) && !inputs.has(value)) freeValue(device, value);
    }
  } finally {
    for (const [name, value] of fed) {
      if (!isOwn(device, feeds[name]!) && !staying.has(value)) freeValue(device, value);
    }
  }
  return given;
}

/** Whether a tensor lives on this device. */
const isOwn = (device: Device, fed: Fed): fed is GpuTensor => 'device' in fed && fed.device === device;

/** A feed as a value: its own where it lives here, else its numbers. */
async function valueFed(device: Device, fed: Fed): Promise<DeviceValue> {
  const { shape } = fed;
  if (!isDeviceTensor(fed)) return { shape, host: fed };
  if (isOwn(device, fed)) return fed.value;
  return { shape, host: await fed.read() };
}

/** A value as a tensor that its owner disposes of. */
export function gpuTensor(device: Device, value: DeviceValue): DeviceTensor {
  const tensor: GpuTensor = {
    backend: NAME,
    shape: value.shape,
    device,
    value,
    read: () => hostOf(device, value),
    dispose: () => freeValue(device, value),
  };
  return tensor;
}
