/**
 * The gradients of the warp as a device computes them, against central differences of the float64 reference: a function
 * of a backend, so that Node and a page run the same.
 *
 * The warp is linear in every single number between kinks, so that differences are exact but for rounding, whatever the
 * step. Flows keep away from whole positions by more than the step. What remains is the device's float32: positions are
 * off by up to 1e-6 pixels, and sums over channels by some roundings.
 */
import { type Backend, toHost } from '../../../src/backends/index.ts';
import { differentiate, gradientName, trace } from '../../../src/graph/index.ts';
import { warp } from '../../../src/ops/index.ts';
import { randomNumbers } from '../../../src/testing/index.ts';
import { cast, compare, elementCount, type Shape, type Tensor, tensor } from '../../../src/tensor/index.ts';

export interface WarpGradientCase {
  /** Of the feature: N, C, H, W. */
  readonly shape: readonly [number, number, number, number];
  /** Channels of the scale: none at all, one for all, or each its own. */
  readonly scale: 'none' | 'one' | 'each';
}

export const warpGradientCases: readonly WarpGradientCase[] = [
  { shape: [1, 3, 4, 5], scale: 'none' },
  { shape: [2, 5, 3, 2], scale: 'one' },
  { shape: [1, 6, 2, 7], scale: 'each' },
];

/** Largest difference, relative to 1 + the larger of the two. */
export const WARP_GRADIENT_TOLERANCE = 1e-5;
const STEP = 1 / 256;
/** Distance of positions from whole numbers. */
const CLEARANCE = 0.02;

type Inputs = Readonly<Record<string, Tensor>>;

/** Features, scales and heads from −1 to 1; positions in the map, across its border, and up to three pixels outside. */
function inputsOf({ shape, scale }: WarpGradientCase, seed: number): Inputs {
  const next = randomNumbers(seed);
  const [N, C, H, W] = shape;
  const random = (of: Shape): Tensor =>
    tensor(
      of,
      Float32Array.from({ length: elementCount(of) }, () => next()),
    );
  const position = (size: number): number => {
    const cell = Math.floor(((next() + 1) / 2) * (size + 5)) - 3;
    return cell + CLEARANCE + ((next() + 1) / 2) * (1 - 2 * CLEARANCE);
  };
  const flow = Float32Array.from({ length: 2 * N * H * W }, (_, i) => {
    const [x, y, axis] = [i % W, Math.floor(i / W) % H, Math.floor(i / (H * W)) % 2];
    return axis === 0 ? position(W) - x : position(H) - y;
  });
  return {
    feature: random(shape),
    flow: tensor([N, 2, H, W], flow),
    ...(scale !== 'none' && { scale: random([N, scale === 'one' ? 1 : C, H, W]) }),
    head: random(shape),
  };
}

/** Σ head · warp, in float64. */
function lossOf(inputs: Inputs): number {
  const warped = warp(inputs['feature']!, inputs['flow']!, inputs['scale']);
  let sum = 0;
  for (let i = 0; i < warped.data.length; i++) sum += warped.data[i]! * inputs['head']!.data[i]!;
  return sum;
}

/** The slope of the loss in every number of one input. */
function slopesOf(inputs: Inputs, name: string): Tensor {
  const { shape, data } = inputs[name]!;
  const at = (i: number, step: number): number => {
    const moved = Float64Array.from(data);
    moved[i]! += step;
    return lossOf({ ...inputs, [name]: tensor(shape, moved) });
  };
  return tensor(
    shape,
    Float64Array.from(data, (_, i) => (at(i, STEP) - at(i, -STEP)) / (2 * STEP)),
  );
}

/**
 * One sentence for each input whose gradient the backend gets wrong, and for each node of the backward graph that it did
 * not compute on its device.
 */
export async function warpGradientProblems(
  backend: Backend,
  which: WarpGradientCase,
  seeds: readonly number[],
): Promise<string[]> {
  const example = inputsOf(which, 0);
  const { head: _, ...shapes } = Object.fromEntries(
    Object.entries(example).map(([name, { shape }]) => [name, shape]),
  );
  const names = Object.keys(shapes);
  const graph = trace((_parameters, of) => {
    return { out: warp(of['feature']!, of['flow']!, of['scale']) };
  }, shapes);
  const plan = await backend.compile(differentiate(graph, 'out', names, { heads: true }), new Map());
  try {
    const problems: string[] = [];
    for (const seed of seeds) {
      const { head, ...inputs } = inputsOf(which, seed);
      const results = await plan.run({ ...inputs, 'head/out': head! });
      const exact = Object.fromEntries(
        Object.entries({ ...inputs, head: head! }).map(([name, value]) => [name, cast(value, 'float64')]),
      );
      for (const name of names) {
        const got = await toHost(results[gradientName(name)]!);
        const tolerance = { absolute: WARP_GRADIENT_TOLERANCE, relative: WARP_GRADIENT_TOLERANCE };
        const { misses, ...most } = compare(got, slopesOf(exact, name), tolerance);
        if (misses === 0) continue;
        problems.push(
          `seed ${seed}: gradient in ${name} is ${most.got} at (${most.worst.join(', ')}), central differences give ${most.expected}`,
        );
      }
    }
    for (const { name, where } of plan.report().nodes) {
      if (where === 'host') problems.push(`${name} was computed on the host`);
    }
    return problems;
  } finally {
    plan.dispose();
  }
}
