/** Gradients of every learned parameter of a golden training step, and the updates that follow from them. */
import { gradientName, type ParameterSource } from '../../src/graph/index.ts';
import { sgdMomentumUpdate } from '../../src/ops/index.ts';
import { cast, type DType, type Tensor, type Tolerance, zeros } from '../../src/tensor/index.ts';
import { compareRow, failure, type GoldenRow, statement } from './rows.ts';
import type { Kinks } from './training-kinks.ts';
import type { Optimiser, TrainingStep } from './training.ts';

/**
 * Relative difference (norm of the difference over norm of the stored gradient). In float64 what rounding to float32
 * leaves; in float32 ten times what MXNet's own runs differ by.
 */
const LIMITS: Readonly<Record<DType, number>> = { float64: 1e-6, float32: 1e-4 };

/** An update moves a parameter by the learning rate times a gradient: float32 rounding of the parameter remains. */
const UPDATE = { absolute: 2e-7, relative: 1e-6 };

type Outputs = Readonly<Record<string, Tensor>>;

/** @param kinks the float64 run with float32's decisions, asked for only where float32 is beyond its limit */
export function gradientRows(
  title: string,
  outputs: Outputs,
  stored: ReadonlyMap<string, Tensor>,
  { zeroGradients }: TrainingStep,
  dtype: DType,
  kinks: () => Kinks | undefined,
): GoldenRow[] {
  const tolerance = { absolute: 0, relative: LIMITS[dtype] };
  const names = [...stored.keys()].filter((name) => name.startsWith('grad/')).map((name) => name.slice(5));
  const rows = names.map((name): GoldenRow => {
    const got = outputs[gradientName(name)]!;
    const relative = distance(got, stored.get(`grad/${name}`)!);
    const row = { name: `${title}/gradient ${name}`, absolute: NaN, relative, tolerance };
    if (relative <= tolerance.relative) return { ...row, pass: true };
    const turned = dtype === 'float32' ? kinks() : undefined;
    if (!turned) return { ...row, pass: false };
    const rest = distance(got, turned.outputs[gradientName(name)]!);
    const note = `${rest.toExponential(1)} with the ReLU inputs (${turned.count}) that float32 finds on the other side of zero`;
    return { ...row, pass: rest <= tolerance.relative, note };
  });
  const zero = zeroGradients.map((name) => {
    const flat = outputs[gradientName(name)]!.data.every((value) => value === 0);
    return statement(`${title}/gradient ${name}`, flat, flat ? 'zero, as stored' : 'expected zeros');
  });
  return [...rows, ...zero];
}

/** Norm of the difference over norm of what is wanted. */
function distance(got: Tensor, want: Tensor): number {
  let [difference, norm] = [0, 0];
  want.data.forEach((b, i) => {
    difference += (got.data[i]! - b) ** 2;
    norm += b * b;
  });
  return Math.sqrt(difference / norm);
}

/**
 * The stored parameters after one and two momentum updates with the same gradient. MXNet's was its float32 one; ours
 * is that of float64, rounded, so that a kink of ours does not show again. Where MXNet's own was off by a kink, the
 * manifest says how far, and the update may be off by as much.
 */
export function updateRows(
  title: string,
  exact: Outputs,
  stored: ReadonlyMap<string, Tensor>,
  parameters: ParameterSource,
  step: TrainingStep,
  optimiser: Optimiser,
): GoldenRow[] {
  const names = [...stored.keys()].filter((name) => name.startsWith('after1/')).map((name) => name.slice(7));
  return names.flatMap((name) => {
    const start = parameters.get(name);
    const found = exact[gradientName(name)];
    if (!start || !found) return [failure(`${title}/update ${name}`, 'has no gradient')];
    const gradient = cast(found, 'float32');
    const settings = {
      learningRate: optimiser.zeroLearningRate.includes(name) ? 0 : optimiser.learningRate,
      momentum: optimiser.momentum,
      weightDecay: optimiser.weightDecaySuffixes.some((end) => name.endsWith(end))
        ? optimiser.weightDecay
        : 0,
    };
    const { norm, native } = step.gradients[name] ?? { norm: 0, native: { relative: 0 } };
    const drift = native.relative > LIMITS.float32 ? settings.learningRate * native.relative * norm : 0;
    const after = (updates: number): Tolerance => ({
      absolute: UPDATE.absolute + drift * (updates === 1 ? 1 : 2 + optimiser.momentum),
      relative: UPDATE.relative,
    });
    const first = sgdMomentumUpdate(start, gradient, zeros(start.shape), settings);
    const second = sgdMomentumUpdate(first.weight, gradient, first.momentum, settings);
    return [
      compareRow(`${title}/update 1 ${name}`, first.weight, stored.get(`after1/${name}`)!, after(1)),
      compareRow(`${title}/update 2 ${name}`, second.weight, stored.get(`after2/${name}`)!, after(2)),
    ];
  });
}
