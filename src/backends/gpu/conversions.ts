/** Carrying a value from one layout to another: the kernels, acquired when first needed and found again by layout. */
import type { Device } from './device.ts';
import type { Handle } from './gpujs.ts';
import type { KernelSpec } from './kernel.ts';
import type { PackedLayout } from './layout.ts';
import { packKernel, relayKernel, unpackKernel } from './layout-kernels.ts';

export interface Conversions {
  /** plain to packed */
  readonly pack: (handle: Handle, layout: PackedLayout) => Promise<Handle>;
  /** packed to plain */
  readonly unpack: (handle: Handle, layout: PackedLayout) => Promise<Handle>;
  /** packed to packed, channels in the same order */
  readonly relay: (handle: Handle, from: PackedLayout, to: PackedLayout) => Promise<Handle>;
}

type Launch = (handle: Handle) => Promise<Handle>;

/** @param acquire says that a kernel will be used; whoever gave it releases them */
export function conversionsOn(device: Device, acquire: (spec: KernelSpec) => string): Conversions {
  const launch = (spec: KernelSpec): Launch => {
    const key = acquire(spec);
    return async (handle) => (await device.launch(key, spec, [handle]))[0]!;
  };
  const storage = (): 'textures' | 'buffers' => device.capabilities.packed!;
  const pack = remembered((layout: PackedLayout) => launch(packKernel(storage(), layout)));
  const unpack = remembered((layout: PackedLayout) => launch(unpackKernel(storage(), layout)));
  const relay = remembered((from: PackedLayout) =>
    remembered((to: PackedLayout) => launch(relayKernel(storage(), from, to))),
  );
  return {
    pack: (handle, layout) => pack(layout)(handle),
    unpack: (handle, layout) => unpack(layout)(handle),
    relay: (handle, from, to) => relay(from)(to)(handle),
  };
}

/** Makes something of an object once. */
function remembered<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new WeakMap<K, V>();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key)!;
  };
}
