/** Backends of ours, opened when first asked for and kept for the life of the page. */
import { type Backend, type Fed, referenceBackend } from '../../../src/backends/index.ts';
import { gpuBackend } from '../../../src/backends/gpu/index.ts';
import type { Tensor } from '../../../src/tensor/index.ts';
import type { Kernels, Mode } from '../api.ts';

export interface Device {
  readonly backend: Backend;
  readonly description: string;
  readonly upload: (tensor: Tensor) => Promise<Fed>;
  readonly finish: () => Promise<void>;
}

/** On the thread of the page: a run that has resolved is done. */
export function referenceDevice(): Device {
  return {
    backend: referenceBackend(),
    description: 'reference',
    upload: (tensor) => Promise.resolve(tensor),
    finish: () => Promise.resolve(),
  };
}

const opened = new Map<string, Promise<Device>>();

/** @throws Error when the backend computes elsewhere than asked */
export function gpuDevice(mode: Mode, kernels: Kernels): Promise<Device> {
  const key = `${mode} ${kernels}`;
  let device = opened.get(key);
  if (!device) opened.set(key, (device = open(mode, kernels)));
  return device;
}

async function open(mode: Mode, kernels: Kernels): Promise<Device> {
  const backend = await gpuBackend({ mode, kernels });
  if (backend.mode !== mode) throw new Error(`asked for ${mode}, got ${backend.mode}`);
  return {
    backend,
    description: `${backend.mode} on ${backend.description}`,
    upload: (tensor) => backend.upload(tensor),
    finish: () => backend.finish(),
  };
}
