/**
 * The modes without a graphics card: gpu.js compiles kernels to WebAssembly, or to JavaScript. Numbers stay in the
 * processor's memory, so a handle is an array with its sizes, and nothing has to be freed or waited for.
 */
import { checkMode, type Driver } from './device.ts';
import type { GpuJs, Handle } from './gpujs.ts';
import type { Axes, PlainLayout } from './layout.ts';

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
      fourPlanes: true,
      maxSide: Infinity,
      maxParts: 1,
      tile: 1,
      mostMultiplyAdds: Infinity,
      transformCost: Infinity,
    },
    limits: () => ({}),
    create: (spec, settings) => gpu.createKernel(spec.source, settings),
    async launch(kernel, spec, handles) {
      const { output, gives, result, name } = spec;
      const given = (await kernel(...handles)) as Nested;
      checkMode(kernel, mode, name);
      if (gives !== 'planes') return [keep(flatten(given, numbersOf(output)), output)];
      const { axes } = result as PlainLayout;
      return [keep(separate(flatten(given, 4 * numbersOf(output)), axes, spec.planes!), axes)];
    },
    upload: async ({ layout, data }) => {
      if (layout.kind !== 'plain') throw new Error(`mode ${mode} has plain tensors only`);
      return keep(data, layout.axes);
    },
    read: async (handle) => (handle as HostHandle).value.slice(),
    free() {},
    destroy: (kernel) => kernel.destroy(),
    finish: async () => {},
    checkAlive() {},
    dispose: () => gpu.destroy(),
  };
}

const numbersOf = ([columns, rows, planes]: Axes): number => columns * rows * planes;

/** One array of all rows. */
function flatten(nested: Nested, length: number): Float32Array {
  let first = nested;
  while (!(first instanceof Float32Array)) first = first[0]!;
  // Mode webasm gives views of an array that nobody else has.
  if (first.buffer.byteLength === 4 * length) return new Float32Array(first.buffer);
  const flat = new Float32Array(length);
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

/** Planes one after the other, from four together: number l of each pixel of stack s is that of plane 4s + l of an image. */
function separate(together: Float32Array, [columns, rows, planes]: Axes, perImage: number): Float32Array {
  const size = columns * rows;
  const stacks = Math.ceil(perImage / 4);
  const apart = new Float32Array(size * planes);
  for (let plane = 0; plane < planes; plane++) {
    const image = Math.floor(plane / perImage);
    const place = plane - image * perImage;
    const start = (image * stacks + (place >> 2)) * size * 4 + (place & 3);
    for (let pixel = 0; pixel < size; pixel++) apart[plane * size + pixel] = together[start + 4 * pixel]!;
  }
  return apart;
}
