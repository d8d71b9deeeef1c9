/**
 * The gradients of the warp, Eq. 1 to 4 of the paper, on float64.
 *
 * Away from kinks they are compared with central differences, element by element. Along any one coordinate of data, flow
 * or scale the warp is linear between kinks, so that differences are exact but for rounding, whatever the step.
 *
 * Kinks are flows that point to whole pixel positions, and those where a neighbour enters or leaves the map. There is no
 * derivative there. The rule is one-sided: the slope towards larger coordinates.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differentiate, gradientName, interpret, trace } from '../../src/graph/index.ts';
import { warp } from '../../src/ops/index.ts';
import { cast, compare, type Shape, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import { at, build, values } from '../../src/testing/index.ts';

interface WarpCase {
  readonly feature: Tensor;
  readonly flow: Tensor;
  readonly scale?: Tensor;
  /** Gradient of the loss in the warped feature. */
  readonly head: Tensor;
}

type Part = 'feature' | 'flow' | 'scale';

/** Gradients in feature, flow and scale (if there is one), by differentiating the traced warp. */
function gradients({ feature, flow, scale, head }: WarpCase): Record<Part, Tensor> {
  const inputs = { feature, flow, ...(scale && { scale }) };
  const shapes = Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));
  const graph = trace((_, of) => ({ out: warp(of['feature']!, of['flow']!, of['scale']) }), shapes);
  const backward = differentiate(graph, 'out', Object.keys(inputs), { heads: true });
  const { outputs } = interpret(backward, { inputs: { ...inputs, 'head/out': head }, parameters: new Map() });
  const get = (name: Part): Tensor => outputs[gradientName(name)] ?? zeros([0]);
  return { feature: get('feature'), flow: get('flow'), scale: get('scale') };
}

const dot = (a: Tensor, b: Tensor): number => [...a.data].reduce((s, value, k) => s + value * b.data[k]!, 0);

const lossOf = ({ feature, flow, scale, head }: WarpCase): number => dot(warp(feature, flow, scale), head);

/** (loss(x + up) − loss(x − down)) / (up + down) for every element x of one input. */
function differences(drawn: WarpCase, part: Part, up: number, down: number): Tensor {
  const input = drawn[part]!;
  const moved = (element: number, step: number): WarpCase => {
    const data = Float64Array.from(input.data);
    data[element]! += step;
    return { ...drawn, [part]: tensor(input.shape, data) };
  };
  const slopes = Float64Array.from(
    input.data,
    (_, k) => (lossOf(moved(k, up)) - lossOf(moved(k, -down))) / (up + down),
  );
  return tensor(input.shape, slopes);
}

/** Eq. 4 as it is written: S(p) · Σ_q ∂G(q, p + dp)/∂dp · f(q) over all pixels q, times the head, over the channels. */
function equation4({ feature, flow, scale, head }: WarpCase): Tensor {
  const [, C = 0, H = 0, W = 0] = feature.shape;
  const g = (q: number, r: number): number => Math.max(0, 1 - Math.abs(q - r));
  /** dg/dr towards larger r: up until r reaches q, down from there on. */
  const slope = (q: number, r: number): number => (r >= q - 1 && r < q ? 1 : r >= q && r < q + 1 ? -1 : 0);
  return build(flow.shape, (n, axis, y, x) => {
    const [rx, ry] = [x + at(flow, n, 0, y, x), y + at(flow, n, 1, y, x)];
    let total = 0;
    for (let c = 0; c < C; c++) {
      let sum = 0;
      for (let qy = 0; qy < H; qy++) {
        for (let qx = 0; qx < W; qx++) {
          const dG = axis === 0 ? slope(qx, rx) * g(qy, ry) : g(qx, rx) * slope(qy, ry);
          sum += dG * at(feature, n, c, qy, qx);
        }
      }
      const S = scale ? at(scale, n, scale.shape[1] === 1 ? 0 : c, y, x) : 1;
      total += at(head, n, c, y, x) * S * sum;
    }
    return total;
  });
}

/**
 * Flows that lead from every pixel to a place of its own: in the map, across its border, or far outside. `fraction` is
 * the place's distance from the whole position before it.
 */
function flows([N = 0, , H = 0, W = 0]: Shape, fraction: fc.Arbitrary<number>): fc.Arbitrary<Tensor> {
  const count = 2 * N * H * W;
  const place = fc.tuple(fc.integer({ min: -3, max: 8 }), fraction, fc.constantFrom(0, 0, 0, 0, 0, -40, 40));
  return fc.array(place, { minLength: count, maxLength: count, size: 'max' }).map((places) => {
    let i = 0;
    return build([N, 2, H, W], (_, axis, y, x) => {
      const [cell, rest, far] = places[i++]!;
      const size = axis === 0 ? W : H;
      return (cell % (size + 3)) + rest + far - (axis === 0 ? x : y);
    });
  });
}

/** Keeps 0.01 from whole positions. */
const offKinks = fc.integer({ min: 0, max: 1000 }).map((k) => 0.01 + (0.98 * k) / 1000);
/** On a whole position two times in five. Exact in binary. */
const onKinks = fc.constantFrom(0, 0, 0.25, 0.5, 0.75);

function cases(side: fc.Arbitrary<number>, fraction: fc.Arbitrary<number>): fc.Arbitrary<WarpCase> {
  const count = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
  return fc
    .tuple(count(2), count(3), side, side, fc.constantFrom('none', 'one', 'each'))
    .chain(([N, C, H, W, scales]): fc.Arbitrary<WarpCase> => {
      const shape = [N, C, H, W];
      const drawn = { feature: values(shape), flow: flows(shape, fraction), head: values(shape) };
      if (scales === 'none') return fc.record(drawn);
      return fc.record({ ...drawn, scale: values([N, scales === 'one' ? 1 : C, H, W]) });
    });
}

const smooth = cases(fc.integer({ min: 2, max: 6 }), offKinks);
/** Sides at which the way through MXNet's grid is exact: one less is a power of two. */
const kinked = cases(fc.constantFrom(2, 3, 5), onKinks);

/** Where two tensors differ most, in words, or null where they agree. */
function gap(got: Tensor, expected: Tensor, tolerance: number): string | null {
  const { misses, ...most } = compare(got, expected, { absolute: tolerance, relative: tolerance });
  return misses === 0 ? null : `at ${most.worst.join(', ')}: ${most.got}, expected ${most.expected}`;
}

const partsOf = ({ scale }: WarpCase): Part[] => (scale ? ['feature', 'flow', 'scale'] : ['feature', 'flow']);

describe('the gradients of the warp', () => {
  test('are what central differences give, in every element of data, flow and scale', () => {
    const step = 1 / 256; // within the 0.01 to the next kink
    fc.assert(
      fc.property(smooth, (drawn) => {
        const got = gradients(drawn);
        for (const part of partsOf(drawn))
          expect(gap(got[part], differences(drawn, part, step, step), 1e-9)).toBeNull();
      }),
      { numRuns: 150 },
    );
  });

  test('in the flow are Eq. 4, summed over all pixels, away from kinks', () => {
    fc.assert(
      fc.property(smooth, (drawn) => {
        expect(gap(gradients(drawn).flow, equation4(drawn), 1e-10)).toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  test('in float32 are those of float64 up to its rounding', () => {
    fc.assert(
      fc.property(smooth, (drawn) => {
        const single = Object.fromEntries(
          Object.entries(drawn).map(([name, value]) => [name, cast(value as Tensor, 'float32')]),
        ) as unknown as WarpCase;
        const [rounded, exact] = [gradients(single), gradients(drawn)];
        for (const part of partsOf(drawn)) {
          expect(rounded[part].dtype).toBe('float32');
          expect(gap(rounded[part], exact[part], 1e-3)).toBeNull(); // far outside a flow of 40 carries 4e-6 pixels of error
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('at kinks the gradient in the flow', () => {
  test('is the one-sided slope towards larger coordinates', () => {
    fc.assert(
      fc.property(kinked, (drawn) => {
        expect(gap(gradients(drawn).flow, differences(drawn, 'flow', 1 / 256, 0), 1e-9)).toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  test('is Eq. 4 with the slope of the hat towards larger coordinates', () => {
    fc.assert(
      fc.property(kinked, (drawn) => {
        expect(gap(gradients(drawn).flow, equation4(drawn), 1e-10)).toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  // A row of three pixels 1, 10, 100, twice. Only the flow of the first pixel matters, so its target is the flow.
  test.each([
    ['two pixels before the first', -2, 0, 0],
    ['one pixel before the first, where it begins to fade in', -1, 1, 0],
    ['on the first', 0, 9, 1],
    ['on the second', 1, 90, 9],
    ['on the last, where it begins to fade out', 2, -100, 90],
    ['one pixel behind the last, where it has faded out', 3, 0, -100],
  ])('%s is the slope on the right, not that on the left', (_, target, right, left) => {
    const row = [1, 10, 100];
    const feature = tensor([1, 1, 2, 3], Float64Array.from([...row, ...row]));
    const flow = build([1, 2, 2, 3], (_n, axis, y, x) => (axis === 0 && y === 0 && x === 0 ? target : 0));
    const head = build([1, 1, 2, 3], (_n, _c, y, x) => (y === 0 && x === 0 ? 1 : 0));
    expect(gradients({ feature, flow, head }).flow.data[0]).toBe(right);
    expect(differences({ feature, flow, head }, 'flow', 1 / 256, 0).data[0]).toBe(right);
    expect(differences({ feature, flow, head }, 'flow', 0, 1 / 256).data[0]).toBe(left);
  });

  test('in the data and the scale there are none: both enter linearly', () => {
    fc.assert(
      fc.property(kinked, (drawn) => {
        const got = gradients(drawn);
        for (const part of partsOf(drawn).filter((name) => name !== 'flow'))
          expect(gap(got[part], differences(drawn, part, 1 / 256, 1 / 256), 1e-9)).toBeNull();
      }),
      { numRuns: 50 },
    );
  });
});

describe('the warp and its gradients', () => {
  const still = (shape: Shape): Tensor => zeros([shape[0]!, 2, shape[2]!, shape[3]!], 'float64');

  test('under zero flow are the identity in the data, and the steps to the next pixels in the flow', () => {
    fc.assert(
      fc.property(kinked, ({ feature, head }) => {
        const drawn = { feature, flow: still(feature.shape), head };
        expect(gap(warp(feature, drawn.flow), feature, 0)).toBeNull();
        const got = gradients(drawn);
        expect(gap(got.feature, head, 0)).toBeNull();
        const steps = build(drawn.flow.shape, (n, axis, y, x) => {
          let sum = 0;
          for (let c = 0; c < feature.shape[1]!; c++) {
            const next = axis === 0 ? at(feature, n, c, y, x + 1) : at(feature, n, c, y + 1, x);
            sum += at(head, n, c, y, x) * (next - at(feature, n, c, y, x));
          }
          return sum;
        });
        expect(gap(got.flow, steps, 1e-12)).toBeNull();
      }),
    );
  });

  test('under a flow of whole pixels shift there and back, losing what leaves the map', () => {
    const whole = fc.integer({ min: -6, max: 6 });
    fc.assert(
      fc.property(kinked, whole, whole, ({ feature, head }, right, down) => {
        const flow = build(still(feature.shape).shape, (_, axis) => (axis === 0 ? right : down));
        const shifted = (source: Tensor, sign: 1 | -1): Tensor =>
          build(source.shape, (n, c, y, x) => at(source, n, c, y + sign * down, x + sign * right));
        expect(gap(warp(feature, flow), shifted(feature, 1), 0)).toBeNull();
        expect(gap(gradients({ feature, flow, head }).feature, shifted(head, -1), 0)).toBeNull();
      }),
    );
  });

  test('are linear in the data', () => {
    const mix = (a: number, first: Tensor, b: number, second: Tensor): Tensor =>
      build(first.shape, (...i) => a * at(first, ...i) + b * at(second, ...i));
    fc.assert(
      fc.property(smooth, fc.constantFrom(-2, 0.5, 3), fc.constantFrom(-1, 1, 7), (drawn, a, b) => {
        const { feature, flow, scale, head: other } = drawn; // a second feature of the same shape
        const mixed = mix(a, feature, b, other);
        const apart = mix(a, warp(feature, flow, scale), b, warp(other, flow, scale));
        expect(gap(warp(mixed, flow, scale), apart, 1e-11)).toBeNull();
        const flowGradient = (data: Tensor): Tensor => gradients({ ...drawn, feature: data }).flow;
        expect(
          gap(flowGradient(mixed), mix(a, flowGradient(feature), b, flowGradient(other)), 1e-10),
        ).toBeNull();
      }),
    );
  });

  test('are adjoint in the data: ⟨warp(f), head⟩ = ⟨f, gradient(head)⟩, whatever f the gradient was taken at', () => {
    fc.assert(
      fc.property(fc.oneof(smooth, kinked), (drawn) => {
        const back = gradients(drawn).feature;
        expect(Math.abs(lossOf(drawn) - dot(drawn.feature, back))).toBeLessThan(1e-9);
        const elsewhere = { ...drawn, feature: zeros(drawn.feature.shape, 'float64') };
        expect(gap(gradients(elsewhere).feature, back, 0)).toBeNull();
      }),
    );
  });

  test('give the scale the warped feature times the head, summed over the channels that share it', () => {
    fc.assert(
      fc.property(
        smooth.filter(({ scale }) => scale !== undefined),
        (drawn) => {
          const { feature, flow, scale, head } = drawn;
          const warped = warp(feature, flow);
          const expected = build(scale!.shape, (n, s, y, x) => {
            const channels = scale!.shape[1] === 1 ? [...Array(feature.shape[1]).keys()] : [s];
            return channels.reduce((sum, c) => sum + at(head, n, c, y, x) * at(warped, n, c, y, x), 0);
          });
          expect(gap(gradients(drawn).scale, expected, 1e-12)).toBeNull();
        },
      ),
    );
  });

  test('are exactly zero where the flow points a pixel or more outside the map', () => {
    fc.assert(
      fc.property(kinked, fc.constantFrom(1, 1.5, 3, 1000), (drawn, beyond) => {
        const [, , , W = 0] = drawn.feature.shape;
        for (const target of [-beyond - 0.25, W - 1 + beyond]) {
          const flow = build(drawn.flow.shape, (_n, axis, _y, x) => (axis === 0 ? target - x : 0));
          expect(warp(drawn.feature, flow, drawn.scale).data.every((value) => value === 0)).toBe(true);
          const got = gradients({ ...drawn, flow });
          for (const part of partsOf(drawn)) expect(got[part].data.every((value) => value === 0)).toBe(true);
        }
      }),
    );
  });

  test('see no motion in a feature that is the same everywhere, as long as no border comes near', () => {
    fc.assert(
      fc.property(kinked, fc.integer({ min: -8, max: 8 }), (drawn, level) => {
        const feature = build(drawn.feature.shape, () => level);
        const inside = build(drawn.flow.shape, (n, axis, y, x) => {
          const last = drawn.feature.shape[axis === 0 ? 3 : 2]! - 1;
          const here = axis === 0 ? x : y;
          return Math.abs(at(drawn.flow, n, axis, y, x) % 1) + Math.min(here, last - 1) - here;
        });
        const got = gradients({ ...drawn, feature, flow: inside });
        expect(gap(got.flow, zeros(inside.shape, 'float64'), 1e-12)).toBeNull();
      }),
    );
  });

  test('can be differentiated again: data first and flow then is the flow gradient at the data asked for', () => {
    fc.assert(
      fc.property(smooth, ({ feature, flow, head }) => {
        const shapes = { feature: feature.shape, flow: flow.shape };
        const graph = trace((_, of) => ({ out: warp(of.feature, of.flow) }), shapes);
        const first = differentiate(graph, 'out', ['feature'], { heads: true });
        const second = differentiate(first, gradientName('feature'), ['flow'], { heads: true });
        const towards = build(feature.shape, (...i) => at(feature, ...i) - 2 * at(head, ...i));
        const zero = zeros(feature.shape, 'float64'); // the data itself does not matter
        const inputs = {
          feature: zero,
          flow,
          'head/out': head,
          [`head/${gradientName('feature')}`]: towards,
        };
        const { outputs } = interpret(second, { inputs, parameters: new Map() });
        const expected = gradients({ feature: towards, flow, head }).flow;
        expect(gap(outputs[gradientName('flow')]!, expected, 1e-11)).toBeNull();
      }),
      { numRuns: 50 },
    );
  });
});
