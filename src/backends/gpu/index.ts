/**
 * `deep-feature-flow/gpu`: graphs on graphics cards, through gpu.js.
 *
 * @example
 * import { gpuBackend } from 'deep-feature-flow/gpu';
 * const backend = await gpuBackend({ mode: 'best' });
 * const detector = dff.createDetector({ model, backend });
 */
import { foldBatchNorm, type Graph, type ParameterSource } from '../../graph/index.ts';
import { ParameterError, ShapeError } from '../../tensor/errors.ts';
import { formatShape, sameShape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Backend, type DeviceTensor, type Fed, isDeviceTensor, type Plan } from '../backend.ts';
import { createDevice, type Device, type DeviceCounts, type Driver } from './device.ts';
import { type GpuJs, type GpuMode, loadGpuJs } from './gpujs.ts';
import { hostDriver } from './host-modes.ts';
import type { LoweringOptions } from './lower.ts';
import { prepareProgram } from './plan.ts';
import { type DeviceValue, freeValue, hostOf } from './values.ts';
import { webgl2Driver } from './webgl2.ts';
import { webgpuDriver } from './webgpu.ts';

export type { GpuMode } from './gpujs.ts';
export { gpuModes } from './gpujs.ts';

export interface GpuOptions extends Partial<LoweringOptions> {
  /** How kernels run. Default `best`: the first of `gpuModes` that passes its self-test. */
  readonly mode?: GpuMode | 'best';
}

export interface GpuBackend extends Backend {
  readonly mode: GpuMode;
  /** What really computes, e.g. the name of the graphics card. */
  readonly description: string;
  /** Puts a tensor on the device. The caller disposes of it. */
  upload(tensor: Tensor): Promise<DeviceTensor>;
  /** Resolves when everything launched so far has been computed. */
  finish(): Promise<void>;
  counts(): DeviceCounts;
}

/** A tensor on a device of this backend. */
interface GpuTensor extends DeviceTensor {
  readonly device: Device;
  readonly value: DeviceValue;
}

const NAME = 'gpu';

export async function gpuBackend(options: GpuOptions = {}): Promise<GpuBackend> {
  const { mode = 'best', kernels = 'fast', fallback } = options;
  const gpujs = await loadGpuJs();
  const device = createDevice(await driverOf(gpujs, mode === 'best' ? 'webasm' : mode));
  return {
    name: NAME,
    mode: device.mode,
    description: device.description,
    compile: (graph, parameters) => compile(device, graph, parameters, { kernels, fallback }),
    upload: async (tensor) => gpuTensor(device, { shape: tensor.shape, host: tensor }),
    finish: () => device.finish(),
    counts: () => device.counts(),
    dispose: () => void device.dispose(),
  };
}

async function driverOf(gpujs: GpuJs, mode: GpuMode): Promise<Driver> {
  if (mode === 'webgl2') return webgl2Driver(gpujs);
  if (mode === 'webgpu') return webgpuDriver(gpujs, true);
  return hostDriver(gpujs, mode);
}

async function compile(
  device: Device,
  graph: Graph,
  parameters: ParameterSource,
  options: LoweringOptions,
): Promise<Plan> {
  const folded = foldBatchNorm(graph);
  const program = await prepareProgram(device, folded.graph, folded.parameters(parameters), options);
  let readBacks = { count: 0, bytes: 0 };
  return {
    async run(feeds, { signal, keepOnDevice = [] } = {}) {
      signal?.throwIfAborted();
      const before = device.counts();
      const fed = new Map<string, DeviceValue>();
      for (const { name, shape } of graph.inputs)
        fed.set(name, await valueFed(device, feeds[name], name, shape));
      const passing = new Set(fed.values());
      const results = await program.run(fed, signal ? { signal } : {});
      const given: Record<string, Fed> = {};
      for (const [name, value] of results) {
        if (keepOnDevice.includes(name)) given[name] = gpuTensor(device, value);
        else {
          given[name] = await hostOf(device, value);
          if (!passing.has(value)) freeValue(device, value);
        }
      }
      for (const [name, value] of fed) if (!isOwn(device, feeds[name]!)) freeValue(device, value);
      const after = device.counts();
      readBacks = {
        count: after.readBacks - before.readBacks,
        bytes: after.readBackBytes - before.readBackBytes,
      };
      return given;
    },
    report: () => ({ backend: NAME, nodes: program.report(), passes: ['foldBatchNorm'], readBacks }),
    dispose: () => program.dispose(),
  };
}

/** Whether a tensor lives on this device. */
const isOwn = (device: Device, fed: Fed): fed is GpuTensor => 'device' in fed && fed.device === device;

/** A feed as a value: its own where it lives here, else its numbers. */
async function valueFed(
  device: Device,
  fed: Fed | undefined,
  name: string,
  shape: readonly number[],
): Promise<DeviceValue> {
  if (!fed) throw new ParameterError(`graph: input ${name} (${formatShape(shape)}) was not fed`);
  if (!sameShape(fed.shape, shape)) {
    const shapes = `got ${formatShape(fed.shape)}, expected ${formatShape(shape)}`;
    throw new ShapeError(`graph: input ${name}: ${shapes}; trace the network again for another size`);
  }
  if (!isDeviceTensor(fed)) return { shape, host: fed };
  if (isOwn(device, fed)) return fed.value;
  return { shape, host: await fed.read() };
}

function gpuTensor(device: Device, value: DeviceValue): GpuTensor {
  return {
    backend: NAME,
    shape: value.shape,
    device,
    value,
    read: () => hostOf(device, value),
    dispose: () => freeValue(device, value),
  };
}
