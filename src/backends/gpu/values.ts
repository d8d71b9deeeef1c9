/**
 * Values during a run. A value may be on the host, on the device, or both, in either layout; it is converted when a
 * reader wants another form, once, and freed as a whole.
 */
import type { Shape } from '../../tensor/shape.ts';
import { type Tensor, tensor } from '../../tensor/tensor.ts';
import type { Conversions } from './conversions.ts';
import type { Device } from './device.ts';
import type { Handle } from './gpujs.ts';
import { pack, type PackedLayout, plainLayout } from './layout.ts';

export interface DeviceValue {
  readonly shape: Shape;
  host?: Tensor;
  plain?: Handle;
  packed?: { readonly handle: Handle; readonly layout: PackedLayout };
}

/** The plain form of a value, made if it is not there. */
export async function plainOf(device: Device, value: DeviceValue, convert: Conversions): Promise<Handle> {
  if (value.plain) return value.plain;
  const { packed, host } = value;
  if (packed) value.plain = await convert.unpack(packed.handle, packed.layout);
  else value.plain = await device.upload({ layout: plainLayout(value.shape), data: floats(host!) });
  return value.plain;
}

/** The packed form of a value in a given layout, made if it is not there in this one. */
export async function packedOf(
  device: Device,
  value: DeviceValue,
  layout: PackedLayout,
  convert: Conversions,
): Promise<Handle> {
  const { packed, host } = value;
  if (packed && sameLayout(packed.layout, layout)) return packed.handle;
  const reordered = packed !== undefined && packed.layout.sections !== layout.sections;
  const plain = reordered ? await plainOf(device, value, convert) : value.plain;
  const handle =
    packed && !reordered
      ? await convert.relay(packed.handle, packed.layout, layout)
      : plain
        ? await convert.pack(plain, layout)
        : await device.upload({ layout, data: pack(host!.data, layout) });
  if (packed) device.free(packed.handle);
  value.packed = { handle, layout };
  return handle;
}

/** The numbers of a value, read back if they are not here. */
export async function hostOf(device: Device, value: DeviceValue): Promise<Tensor> {
  const { plain, packed } = value;
  value.host ??= tensor(
    value.shape,
    packed
      ? await device.read(packed.handle, packed.layout)
      : await device.read(plain!, plainLayout(value.shape)),
  );
  return value.host;
}

export function freeValue(device: Device, value: DeviceValue): void {
  if (value.plain) device.free(value.plain);
  if (value.packed) device.free(value.packed.handle);
  delete value.plain;
  delete value.packed;
}

function sameLayout(a: PackedLayout, b: PackedLayout): boolean {
  return (
    a.sections === b.sections &&
    a.border === b.border &&
    a.across === b.across &&
    a.columns === b.columns &&
    a.rows === b.rows
  );
}

/** The numbers of a tensor as the device has them. */
export function floats({ data }: Tensor): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data);
}
