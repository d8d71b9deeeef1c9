/**
 * Non-maximum suppression, on a device, of boxes that the processor has; what it keeps is what the reference keeps, see
 * `non-maximum-suppression.ts`. The processor ranks the boxes; the pairs, C² / 2 of them, are the device's.
 * Kernels are compiled for the number of boxes at every call: for a few hundred boxes the reference is faster.
 *
 * Letters  C boxes that take part (candidates), B = ⌈C / 24⌉ blocks of them
 */
import { checkSuppression, descendingOrder, type SuppressionOptions } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Device } from './device.ts';
import type { Handle } from './gpujs.ts';
import type { Argument, KernelSpec, Step, Upload } from './kernel.ts';
import { type PlainLayout, plainLayout } from './layout.ts';
import { BITS, blocksOf, overlapKernel, suppressionSteps } from './non-maximum-suppression.ts';
import { runSteps } from './run-steps.ts';

export interface DeviceSuppressionOptions extends SuppressionOptions {
  /**
   * Where it is decided which boxes stay, once it is known which overlap. `host` reads the table of overlaps, C² / 24
   * numbers; `device` reads a number per box, after 2 · C / 24 launches one after the other. Default `host`.
   */
  readonly scan?: 'host' | 'device';
}

/**
 * The rows of the boxes that are kept, best score first. Overlaps are compared in float32, also of float64 boxes.
 *
 * @param boxes (K, 4): x1, y1, x2, y2
 * @param scores K numbers
 * @throws ShapeError when the counts differ, an option is not a number in its range, or the boxes are too many
 */
export async function suppress(
  device: Device,
  boxes: Tensor,
  scores: ArrayLike<number>,
  options: DeviceSuppressionOptions,
): Promise<number[]> {
  checkSuppression(boxes, scores, options);
  const { threshold, convention = 'inclusive', ties = 'lower', scan = 'host' } = options;
  const { candidates = Infinity, limit = Infinity } = options;
  const order = descendingOrder(scores, ties).subarray(0, candidates);
  const C = order.length;
  if (Math.min(C, limit) === 0) return [];
  const ranked = { N: 1, C, threshold, convention };
  const input: Argument = { from: 'input', index: 0, as: 'plain' };
  const steps =
    scan === 'device'
      ? suppressionSteps(input, 0, ranked)
      : [{ spec: overlapKernel(ranked), arguments: [input] }];
  const numbers = await compute(device, steps, corners(boxes, order));
  const dropped = scan === 'device' ? numbers : settle(numbers, C);
  return [...order].filter((_, i) => dropped[i] === 0).slice(0, limit);
}

/** (4, 1, C): a plane per corner. */
function corners({ data }: Tensor, order: Uint32Array): Upload {
  const C = order.length;
  const planes = new Float32Array(4 * C);
  for (let k = 0; k < 4; k++) order.forEach((row, i) => (planes[k * C + i] = data[4 * row + k]!));
  return { layout: plainLayout([4, 1, C]), data: planes };
}

/** The numbers that the last step makes of those uploaded. */
async function compute(device: Device, steps: readonly Step[], upload: Upload): Promise<Float32Array> {
  const keys = new Map<KernelSpec, string>();
  const owned: Handle[] = [];
  try {
    const input = await device.upload(upload);
    owned.push(input);
    for (const { spec } of steps) if (!keys.has(spec)) keys.set(spec, device.acquire(spec));
    const ready = steps.map((step) => ({ ...step, key: keys.get(step.spec)! }));
    const [result] = await runSteps(device, ready, [steps.length - 1], async () => input);
    owned.push(result!);
    return await device.read(result!, steps.at(-1)!.spec.result as PlainLayout);
  } finally {
    owned.forEach((handle) => device.free(handle));
    keys.forEach((key) => device.release(key));
  }
}

/** 0 for each box that is kept, else 1, from the table of overlaps (B, 1, C). */
function settle(overlaps: Float32Array, C: number): Uint8Array {
  const dropped = new Uint8Array(C);
  const kept = new Uint32Array(blocksOf(C));
  for (let i = 0; i < C; i++) {
    const block = Math.floor(i / BITS);
    for (let b = 0; b <= block && dropped[i] === 0; b++) {
      if ((overlaps[b * C + i]! & kept[b]!) !== 0) dropped[i] = 1;
    }
    if (dropped[i] === 0) kept[block]! |= 1 << (i % BITS);
  }
  return dropped;
}
