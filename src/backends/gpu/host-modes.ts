/**
 * The modes without a graphics card: gpu.js compiles kernels to WebAssembly, or to JavaScript. Numbers stay in the
 * processor's memory, so a handle is an array with its sizes, and nothing has to be freed or waited for.
 */
import { checkMode, type Driver } from './device.ts';
import type { GpuJs, Handle } from './gpujs.ts';
import type { Axes } from './layout.ts';

/** Rows within rows, as gpu.js returns them. */
type Nested = Float32Array | readonly Nested[];

/** An array with its sizes: gpu.js's `Input`. */
interface HostHandle extends Handle {
  readonly value: Float32Array;
}

export function hostDriver(gpujs: GpuJs, mode: 'webasm' | 'cpu'): Driver {
  const gpu = new gpujs.GPU({ mode });
  const keep = (value: Float32Array, axes: Axes): HostHandle => gpujs.input(value, axes) as HostHandle;
  return {
    mode,
    gpu,
    description: mode === 'webasm' ? 'WebAssembly on the processor' : 'JavaScript on the processor',
    capabilities: {
      packed: undefined,
      maxSide: Infinity,
      maxParts: 1,
      tile: 1,
      mostMultiplyAdds: Infinity,
      transformCost: Infinity,
    },
    limits: () => ({}),
    create: (spec, settings) => gpu.createKernel(spec.source, settings),
    async launch(kernel, { output, name }, handles) {
      const result = flatten((await kernel(...handles)) as Nested, output);
      checkMode(kernel, mode, name);
      return [keep(result, output)];
    },
    upload: async ({ layout, data }) => {
      if (layout.kind !== 'plain') throw new Error(`mode ${mode} has plain tensors only`);
      return keep(data, layout.axes);
    },
    read: async (handle) => (handle as HostHandle).value.slice(),
    free() {},
    finish: async () => {},
    checkAlive() {},
    dispose: () => gpu.destroy(),
  };
}

/** One array of all rows. */
function flatten(nested: Nested, [columns, rows, planes]: Axes): Float32Array {
  const flat = new Float32Array(columns * rows * planes);
  let at = 0;
  const walk = (part: Nested): void => {
    if (part instanceof Float32Array) {
      flat.set(part, at);
      at += part.length;
    } else for (const inner of part) walk(inner);
  };
  walk(nested);
  return flat;
}
