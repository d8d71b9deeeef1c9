/** Gradients of every learned parameter of a golden training step, and the updates that follow from them. */
import { gradientName, type ParameterSource } from '../../src/graph/index.ts';
import { sgdMomentumUpdate } from '../../src/ops/index.ts';
import { type DType, type Tensor, zeros } from '../../src/tensor/index.ts';
import { compareRow, failure, type GoldenRow, statement } from './rows.ts';
import type { Optimiser, TrainingStep } from './training.ts';

/**
 * Relative difference (norm of the difference over norm of the stored gradient). In float64 what rounding to float32
 * leaves; in float32 ten times what MXNet's own runs differ by.
 */
const LIMITS: Readonly<Record<DType, number>> = { float64: 1e-6, float32: 1e-4 };

/**
 * In float32 a ReLU input that changes its sign through rounding moves every gradient before it. Such a unit is
 * tolerated where the gradients still point the same way, for a minority of the parameters.
 */
const KINK = { relative: 2e-2, cosine: 0.9995, share: 0.5 };

/** An update moves a parameter by the learning rate times a gradient: float32 rounding of the parameter remains. */
const UPDATE = { absolute: 2e-7, relative: 1e-6 };

type Outputs = Readonly<Record<string, Tensor>>;

interface Measured {
  readonly name: string;
  readonly relative: number;
  readonly cosine: number;
}

export function gradientRows(
  title: string,
  outputs: Outputs,
  stored: ReadonlyMap<string, Tensor>,
  { zeroGradients }: TrainingStep,
  dtype: DType,
): GoldenRow[] {
  const measured = [...stored]
    .filter(([name]) => name.startsWith('grad/'))
    .map(([name, want]) => measure(name.slice(5), outputs[gradientName(name.slice(5))]!, want));
  const beyond = measured.filter(({ relative }) => !(relative <= LIMITS[dtype]));
  const kinks = dtype === 'float32' && beyond.length <= measured.length * KINK.share;
  const excused = ({ relative, cosine }: Measured): boolean =>
    kinks && relative <= KINK.relative && cosine >= KINK.cosine;
  const rows = measured.map((gradient): GoldenRow => {
    const { name, relative, cosine } = gradient;
    const within = relative <= LIMITS[dtype];
    const tolerance = { absolute: 0, relative: LIMITS[dtype] };
    const note = within ? '' : `cosine 1 − ${(1 - cosine).toExponential(1)}`;
    const pass = within || excused(gradient);
    return { name: `${title}/gradient ${name}`, absolute: NaN, relative, tolerance, pass, note };
  });
  const zero = zeroGradients.map((name) => {
    const flat = outputs[gradientName(name)]!.data.every((value) => value === 0);
    return statement(`${title}/gradient ${name}`, flat, flat ? 'zero, as stored' : 'expected zeros');
  });
  return [...rows, ...zero];
}

function measure(name: string, got: Tensor, want: Tensor): Measured {
  let [difference, ours, theirs, product] = [0, 0, 0, 0];
  for (let i = 0; i < want.data.length; i++) {
    const [a, b] = [got.data[i]!, want.data[i]!];
    difference += (a - b) ** 2;
    ours += a * a;
    theirs += b * b;
    product += a * b;
  }
  return { name, relative: Math.sqrt(difference / theirs), cosine: product / Math.sqrt(ours * theirs) };
}

/** The stored parameters after one and two momentum updates with the same gradient. */
export function updateRows(
  title: string,
  outputs: Outputs,
  stored: ReadonlyMap<string, Tensor>,
  parameters: ParameterSource,
  optimiser: Optimiser,
): GoldenRow[] {
  const names = [...stored.keys()].filter((name) => name.startsWith('after1/')).map((name) => name.slice(7));
  return names.flatMap((name) => {
    const start = parameters.get(name);
    const gradient = outputs[gradientName(name)];
    if (!start || !gradient) return [failure(`${title}/update ${name}`, 'has no gradient')];
    const settings = {
      learningRate: optimiser.zeroLearningRate.includes(name) ? 0 : optimiser.learningRate,
      momentum: optimiser.momentum,
      weightDecay: optimiser.weightDecaySuffixes.some((end) => name.endsWith(end))
        ? optimiser.weightDecay
        : 0,
    };
    const first = sgdMomentumUpdate(start, gradient, zeros(start.shape), settings);
    const second = sgdMomentumUpdate(first.weight, gradient, first.momentum, settings);
    return [
      compareRow(`${title}/update 1 ${name}`, first.weight, stored.get(`after1/${name}`)!, UPDATE),
      compareRow(`${title}/update 2 ${name}`, second.weight, stored.get(`after2/${name}`)!, UPDATE),
    ];
  });
}
