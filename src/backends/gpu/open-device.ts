/** From a mode to a device that passed its self-test; a mode that does not is refused with the reason. */
import { UnsupportedBackendError } from '../../tensor/errors.ts';
import { createDevice, type Device, type Driver } from './device.ts';
import { type GpuJs, type GpuMode, gpuModes } from './gpujs.ts';
import { hostDriver } from './host-modes.ts';
import { firstLine, type SelfTest, selfTest } from './self-test.ts';
import { webgl2Driver } from './webgl2.ts';
import { webgpuDriver } from './webgpu.ts';

/** A mode that cannot be used here, and why. */
export interface Rejection {
  readonly mode: GpuMode;
  readonly reason: string;
}

export interface OpenedDevice {
  readonly device: Device;
  readonly selfTest: SelfTest;
  /** Modes that were tried before, fastest first. */
  readonly rejected: readonly Rejection[];
}

/**
 * Modes that passed once: browsers and drivers do not change while a page or process lives. Failures are not kept,
 * because they may pass, e.g. a lack of contexts.
 */
const passed = new Map<GpuMode, SelfTest>();

/**
 * @throws UnsupportedBackendError when the mode does not work here, or none does
 */
export async function openDevice(gpujs: GpuJs, mode: GpuMode | 'best'): Promise<OpenedDevice> {
  if (mode !== 'best') return { ...(await openMode(gpujs, mode)), rejected: [] };
  const rejected: Rejection[] = [];
  for (const candidate of gpuModes) {
    try {
      return { ...(await openMode(gpujs, candidate)), rejected };
    } catch (error) {
      rejected.push({ mode: candidate, reason: firstLine(error) });
    }
  }
  const reasons = rejected.map(({ reason }) => reason.replace(/^backend gpu: /, ''));
  throw new UnsupportedBackendError(`backend gpu: no mode works here: ${reasons.join('; ')}`);
}

/** @param again tests also a mode that passed before */
export async function openMode(
  gpujs: GpuJs,
  mode: GpuMode,
  again = false,
): Promise<Omit<OpenedDevice, 'rejected'>> {
  if (!gpuModes.includes(mode)) {
    throw new UnsupportedBackendError(
      `backend gpu: mode ${mode as string} does not exist; there is ${gpuModes.join(', ')} and best`,
    );
  }
  const known = again ? undefined : passed.get(mode);
  if (known) return { device: await open(gpujs, mode, known.passed), selfTest: known };
  const tested = await openTested(gpujs, mode);
  passed.set(mode, tested.selfTest);
  return tested;
}

async function openTested(gpujs: GpuJs, mode: GpuMode): Promise<Omit<OpenedDevice, 'rejected'>> {
  const device = await open(gpujs, mode, true);
  const result = await selfTest(device);
  if (result.passed) return { device, selfTest: result };
  await device.dispose();
  // The class that reads texels from buffers touches private parts of gpu.js; without it plain tensors still work.
  if (mode === 'webgpu' && result.plainPassed) {
    return { device: await open(gpujs, mode, false), selfTest: result };
  }
  throw new UnsupportedBackendError(`backend gpu: mode ${mode} fails its self-test: ${result.reason}`);
}

/** @param packed whether packed tensors may be used; where they may not, all are plain */
async function open(gpujs: GpuJs, mode: GpuMode, packed: boolean): Promise<Device> {
  try {
    return createDevice(await driverOf(gpujs, mode, packed));
  } catch (error) {
    if (error instanceof UnsupportedBackendError) throw error;
    throw new UnsupportedBackendError(`backend gpu: mode ${mode} is not available here: ${firstLine(error)}`);
  }
}

async function driverOf(gpujs: GpuJs, mode: GpuMode, packed: boolean): Promise<Driver> {
  if (mode === 'webgl2') return webgl2Driver(gpujs);
  if (mode === 'webgpu') return webgpuDriver(gpujs, packed);
  return hostDriver(gpujs, mode);
}
