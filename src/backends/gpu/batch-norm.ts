/**
 * batchNorm on the device: see `src/ops/batch-norm.ts`. In compiled networks it is folded into the convolution before it;
 * these kernels are for graphs where nothing can be folded.
 *
 * With stored statistics the fast kernel knows a and b of every channel beforehand, and computes a · x + b for the four
 * channels of a texel. With those of the batch there are the obvious kernels only: mean, variance, result.
 *
 * Letters  N images, C channels, D · H · W positions of one image
 */
import type { BatchNormAttributes } from '../../ops/index.ts';
import { elementCount, type Shape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Argument, GpuOperator, Lowering, NodeView, Step, Upload } from './kernel.ts';
import { LANES } from './lanes.ts';
import { plainAxes } from './layout.ts';
import { plainInput, plainKernel, plainTable } from './plain-kernel.ts';
import { tableAt, texelAt, texelKernel } from './texel-source.ts';
import type { Planes, Thread } from './thread.ts';

type View = NodeView<Required<BatchNormAttributes>>;

/** `channels` has the channel of a plane; of tensors with fewer than four axes the channels are rows or columns. */
function normalise(
  this: Thread<'epsilon' | 'fixGamma' | 'onRow' | 'onColumn'>,
  data: Planes,
  gamma: Planes,
  beta: Planes,
  mean: Planes,
  variance: Planes,
  channels: Planes,
): number {
  const c =
    channels[0]![0]![this.thread.z]! +
    this.thread.y * this.constants.onRow +
    this.thread.x * this.constants.onColumn;
  const deviation = Math.sqrt(variance[0]![0]![c]! + this.constants.epsilon);
  let scale = 1;
  if (this.constants.fixGamma < 0.5) {
    scale = gamma[0]![0]![c]!;
  }
  const centred = data[this.thread.z]![this.thread.y]![this.thread.x]! - mean[0]![0]![c]!;
  return (scale / deviation) * centred + beta[0]![0]![c]!;
}

/** The mean of a channel, or of the squares of what a mean of it leaves. */
type ChannelLetters = 'N' | 'D' | 'H' | 'W' | 'imagePlanes' | 'imageRows' | 'planes' | 'rows' | 'columns';

function channelMean(this: Thread<ChannelLetters>, data: Planes): number {
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    for (let d = 0; d < this.constants.D; d++) {
      for (let h = 0; h < this.constants.H; h++) {
        const z = n * this.constants.imagePlanes + this.thread.x * this.constants.planes + d;
        const y = n * this.constants.imageRows + this.thread.x * this.constants.rows + h;
        let ofRow = 0;
        for (let w = 0; w < this.constants.W; w++) {
          ofRow += data[z]![y]![this.thread.x * this.constants.columns + w]!;
        }
        sum += ofRow;
      }
    }
  }
  return sum / (this.constants.N * this.constants.D * this.constants.H * this.constants.W);
}

function channelVariance(this: Thread<ChannelLetters>, data: Planes, mean: Planes): number {
  const middle = mean[0]![0]![this.thread.x]!;
  let sum = 0;
  for (let n = 0; n < this.constants.N; n++) {
    for (let d = 0; d < this.constants.D; d++) {
      for (let h = 0; h < this.constants.H; h++) {
        const z = n * this.constants.imagePlanes + this.thread.x * this.constants.planes + d;
        const y = n * this.constants.imageRows + this.thread.x * this.constants.rows + h;
        let ofRow = 0;
        for (let w = 0; w < this.constants.W; w++) {
          const centred = data[z]![y]![this.thread.x * this.constants.columns + w]! - middle;
          ofRow += centred * centred;
        }
        sum += ofRow;
      }
    }
  }
  return sum / (this.constants.N * this.constants.D * this.constants.H * this.constants.W);
}

/** momentum · moving + (1 − momentum) · batch; with momentum 1 the moving statistics stay. */
function moved(this: Thread<'momentum'>, moving: Planes, batch: Planes): number {
  const old = moving[0]![0]![this.thread.x]!;
  return this.constants.momentum * old + (1 - this.constants.momentum) * batch[0]![0]![this.thread.x]!;
}

function copy(this: Thread, x: Planes): number {
  return x[0]![0]![this.thread.x]!;
}

/** Where the channels of a tensor are. */
function channelLetters(shape: Shape): Readonly<Record<ChannelLetters, number>> {
  const [N, C] = [shape[0]!, shape[1]!];
  const none = { imagePlanes: 0, imageRows: 0, planes: 0, rows: 0, columns: 0 };
  const [W, H] = plainAxes(shape);
  if (shape.length === 2) return { N, D: 1, H: 1, W: 1, ...none, imageRows: 1, columns: 1 };
  if (shape.length === 3) return { N, D: 1, H: 1, W, ...none, imagePlanes: 1, rows: 1 };
  const D = elementCount(shape.slice(2, -2));
  return { N, D, H, W, ...none, imagePlanes: C * D, planes: D };
}

function normaliseStep(node: View, mean: Argument, variance: Argument): Step {
  const data = node.inputs[0]!;
  const { epsilon, fixGamma } = node.attributes;
  const [, , planes] = plainAxes(data);
  const { planes: D } = channelLetters(data);
  const onPlane = Array.from({ length: planes }, (_, z) => (D === 0 ? 0 : Math.floor(z / D) % data[1]!));
  const constants = {
    epsilon: Math.fround(epsilon),
    fixGamma: fixGamma ? 1 : 0,
    onRow: data.length === 3 ? 1 : 0,
    onColumn: data.length === 2 ? 1 : 0,
  };
  const spec = plainKernel('batchNorm', normalise, constants, data);
  const inputs = [0, 1, 2].map(plainInput);
  return { spec, arguments: [...inputs, mean, variance, plainTable([planes], onPlane)] };
}

/** The stored statistics as they are: outputs 1 and 2. */
function copies(node: View): Step[] {
  return [3, 4].map((k) => ({
    spec: plainKernel('copy', copy, {}, node.inputs[k]!),
    arguments: [plainInput(k)],
  }));
}

function obvious(node: View): Lowering {
  const [mean, variance] = [plainInput(3), plainInput(4)];
  if (node.attributes.statistics === 'moving') {
    return { steps: [normaliseStep(node, mean, variance), ...copies(node)], outputs: [0, 1, 2] };
  }
  const channels = node.inputs[1]!;
  const letters = channelLetters(node.inputs[0]!);
  const { momentum } = node.attributes;
  const blend = plainKernel('moved', moved, { momentum }, channels);
  const ofBatch = [0, 1].map((index): Argument => ({ from: 'step', index }));
  const steps: Step[] = [
    { spec: plainKernel('channelMean', channelMean, letters, channels), arguments: [plainInput(0)] },
    {
      spec: plainKernel('channelVariance', channelVariance, letters, channels),
      arguments: [plainInput(0), ofBatch[0]!],
    },
    normaliseStep(node, ofBatch[0]!, ofBatch[1]!),
    { spec: blend, arguments: [mean, ofBatch[0]!] },
    { spec: blend, arguments: [variance, ofBatch[1]!] },
  ];
  return { steps, outputs: [2, 3, 4] };
}

function fast(node: View): Lowering | undefined {
  const { statistics } = node.attributes;
  const [input, result] = [node.packedInput(0), node.packedOutput(0)];
  const known = [1, 2, 3, 4].every((k) => node.isParameter(k));
  if (statistics !== 'moving' || !known || !input || !result) return undefined;
  if (2 * result.groups > node.capabilities.maxSide) return undefined;
  const storage = node.capabilities.packed!;
  const lanes = LANES.map((l) => `const r${l} = a[${l}] * t[${l}] + b[${l}];`);
  const body = `const t = ${texelAt(storage, 'x0', input, 'n', 'g', 'y', 'x')};
  const a = ${tableAt(storage, 'x1', 'g')}; const b = ${tableAt(storage, 'x1', `g + ${result.groups}`)};
  ${lanes.join(' ')}`;
  const spec = texelKernel(storage, 'batchNorm', ['x0', 'x1'], result, body);
  const scales: Argument = {
    from: 'weights',
    inputs: [1, 2, 3, 4],
    pack: (parameters) => scalesOf(parameters, node.attributes),
  };
  const step: Step = { spec, arguments: [{ from: 'input', index: 0, as: 'packed' }, scales] };
  return { steps: [step, ...copies(node)], outputs: [0, 1, 2] };
}

/** a of all channels, then b, in groups of four. */
function scalesOf(
  [gamma, beta, mean, variance]: readonly Tensor[],
  { epsilon, fixGamma }: Required<BatchNormAttributes>,
): Upload {
  const C = gamma!.data.length;
  const groups = Math.ceil(C / 4);
  const data = new Float32Array(8 * groups);
  for (let c = 0; c < C; c++) {
    const scale = (fixGamma ? 1 : gamma!.data[c]!) / Math.sqrt(variance!.data[c]! + Math.fround(epsilon));
    data[c] = scale;
    data[4 * groups + c] = beta!.data[c]! - scale * mean!.data[c]!;
  }
  return { layout: { kind: 'texels', columns: 2 * groups, rows: 1 }, data };
}

export const batchNormKernels: GpuOperator<Required<BatchNormAttributes>> = { obvious, fast };
