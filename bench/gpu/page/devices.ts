/** Backends of ours, opened when first asked for and kept for the life of the page. */
import { type Backend, type Fed, referenceBackend } from '../../../src/backends/index.ts';
import type { Tensor } from '../../../src/tensor/index.ts';
import type { Kernels, Mode } from '../api.ts';

export interface Device {
  readonly backend: Backend;
  readonly description: string;
  upload(tensor: Tensor): Promise<Fed>;
  finish(): Promise<void>;
}

export function referenceDevice(): Device {
  return {
    backend: referenceBackend(),
    description: 'reference',
    upload: (tensor) => Promise.resolve(tensor),
    finish: () => Promise.resolve(),
  };
}

export function gpuDevice(_mode: Mode, _kernels: Kernels): Promise<Device> {
  return Promise.resolve(referenceDevice());
}
