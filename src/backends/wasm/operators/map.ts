/** Operators that compute each element from one element, and those that fill their output with one number. */
import { elementCount } from '../../../tensor/shape.ts';
import { elementwiseItems } from '../kernels/elementwise.ts';
import { fillKernel, fillRecord } from '../kernels/fill.ts';
import type { MapKernel } from '../kernels/map.ts';
import { bytesOf, FLOAT_BYTES } from '../layout.ts';
import type { Lower } from '../lowering.ts';

/**
 * Stays in blocks where the data is in blocks, unless the lanes beyond the channels, which hold zeros, could become other
 * than finite.
 *
 * @param parameters the names of the attributes that the kernel takes
 */
export function lowerMap(
  kernel: MapKernel,
  parameters: readonly string[] = [],
  isFiniteAtZero: boolean = true,
): Lower {
  return (lowering) => {
    const given = parameters.map((name) => Math.fround(lowering.node.attributes[name] as number));
    const staysFinite = isFiniteAtZero && given.every(Number.isFinite);
    const layout = staysFinite && lowering.has(0, 'blocks') ? 'blocks' : 'planar';
    const total = bytesOf(lowering.outputs[0]!, layout) / FLOAT_BYTES;
    lowering.step(kernel, elementwiseItems(total), {
      input: lowering.input(0, layout),
      output: lowering.output(0, layout),
      total,
      a: given[0] ?? 0,
      b: given[1] ?? 0,
    });
  };
}

/** One number everywhere. */
export function lowerFill(value: number): Lower {
  return (lowering) => {
    const total = elementCount(lowering.outputs[0]!);
    lowering.step(fillKernel, ...fillRecord(lowering.output(0, 'planar'), total, value));
  };
}
