/**
 * Mode webgpu: kernels are compute shaders, numbers live in buffers, every call is asynchronous.
 *
 * A plain tensor is a buffer of numbers; a packed one a buffer of texels, for which the stock kernel class is taught to
 * read and write four numbers at a time (`texel-kernel.ts`). Where that fails, plain tensors do for everything.
 */
import { UnsupportedBackendError } from '../../tensor/errors.ts';
import { checkMode, type Driver, numbersIn } from './device.ts';
import { MOST_MULTIPLY_ADDS, TRANSFORM_COST } from './kernel.ts';
import type { GpuJs, GpuJsKernel, Handle } from './gpujs.ts';
import { texelKernelClass } from './texel-kernel.ts';

/** A buffer of gpu.js, as far as it is used. */
interface BufferHandle extends Handle {
  output: readonly number[];
  toArray(): Promise<Float32Array>;
  delete(): void;
  readonly context: {
    readonly isLost: boolean;
    readonly device: {
      readonly queue: { onSubmittedWorkDone(): Promise<void> };
      readonly limits: Readonly<Record<string, number>>;
    };
  };
}

export async function webgpuDriver(gpujs: GpuJs, texelBuffers: boolean): Promise<Driver> {
  if (!browserGpu()) {
    throw new UnsupportedBackendError(
      'backend gpu: mode webgpu is not available here: no navigator.gpu (browsers have it, on secure pages)',
    );
  }
  const gpu = new gpujs.GPU({ mode: 'webgpu' });
  const TexelKernel = texelBuffers ? texelKernelClass(gpujs.WebGPUKernel) : undefined;
  const Stock = gpu.Kernel;
  let context: BufferHandle['context'] | undefined;

  const checkAlive = (): void => {
    if (!context?.isLost) return;
    throw new UnsupportedBackendError(
      'backend gpu: the WebGPU device was lost and everything on it; create the backend again',
    );
  };
  const driver: Driver = {
    mode: 'webgpu',
    gpu,
    description: await adapterName(),
    capabilities: {
      packed: texelBuffers ? 'buffers' : undefined,
      fourPlanes: false,
      maxSide: Infinity,
      maxParts: 1,
      tile: 8,
      mostMultiplyAdds: MOST_MULTIPLY_ADDS,
      transformCost: TRANSFORM_COST,
    },
    limits: () => limitsOf(context?.device.limits),
    create(spec, settings) {
      if (spec.gives !== 'puts') return gpu.createKernel(spec.source, settings);
      gpu.Kernel = TexelKernel;
      const kernel = gpu.createKernel(spec.source, settings);
      gpu.Kernel = Stock;
      (kernel.kernel as unknown as { texels: number }).texels = numbersIn(spec.result) / 4;
      return kernel;
    },
    async launch(kernel, spec, handles) {
      checkAlive();
      const result = (await kernel(...handles)) as BufferHandle;
      checkMode(kernel, 'webgpu', spec.name);
      context ??= result.context;
      return [result];
    },
    async upload({ layout, data }) {
      checkAlive();
      const axes = layout.kind === 'plain' ? layout.axes : ([data.length, 1, 1] as const);
      const kernel = uploader(data.length);
      const handle = (await kernel(gpujs.input(data, [data.length]))) as BufferHandle;
      kernel.destroy();
      context ??= handle.context;
      handle.output = axes;
      return handle;
    },
    async read(handle, layout) {
      const buffer = handle as BufferHandle;
      const { output } = buffer;
      buffer.output = [numbersIn(layout)]; // so that it comes back as one array
      try {
        return await buffer.toArray();
      } finally {
        buffer.output = output;
      }
    },
    destroy: (kernel) => kernel.destroy(),
    free: (handle) => (handle as BufferHandle).delete(),
    finish: async () => context?.device.queue.onSubmittedWorkDone(),
    checkAlive,
    dispose: () => gpu.destroy(),
  };
  return driver;

  function uploader(length: number): GpuJsKernel {
    return gpu.createKernel('function upload(x) { return x[this.thread.x]; }', {
      output: [length],
      returnType: 'Number',
      pipeline: true,
      immutable: true,
      precision: 'single',
      tactic: 'precision',
      loopMaxIterations: 1,
    });
  }
}

const LIMITS = ['maxStorageBufferBindingSize', 'maxBufferSize', 'maxStorageBuffersPerShaderStage'] as const;

/** Known once the first kernel has run: gpu.js asks for the device then. */
function limitsOf(limits: Readonly<Record<string, number>> = {}): Record<string, number> {
  return Object.fromEntries(LIMITS.flatMap((name) => (name in limits ? [[name, limits[name]!]] : [])));
}

interface BrowserGpu {
  requestAdapter(): Promise<{ readonly info?: Readonly<Record<string, string>> } | null>;
}

/** The browser's entry to WebGPU; Node has none, Node 20 not even a navigator. */
function browserGpu(): BrowserGpu | undefined {
  return (globalThis as { readonly navigator?: { readonly gpu?: BrowserGpu } }).navigator?.gpu;
}

async function adapterName(): Promise<string> {
  const info = (await browserGpu()?.requestAdapter())?.info;
  return (
    [info?.['vendor'], info?.['architecture'], info?.['description']].filter(Boolean).join(' ') ||
    'unknown adapter'
  );
}
