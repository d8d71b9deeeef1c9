/**
 * The convolution of modes webasm and cpu, on plain tensors: an invocation computes a pixel of four filters.
 *
 * What it gains over the obvious kernel: a number of the image is fetched once for four filters (webasm fetches for four
 * pixels at a time, one by one, which costs as much as several multiply-adds); all taps are written out, so that their
 * places are literals; and a map with zeros around it spares the test for the edge. In Node a layer takes a ninth of the
 * time in mode webasm, a fourth in mode cpu.
 *
 * Letters  N images, C input channels, O filters, H × W input, P × Q output, I × J taps, G groups of four filters
 */
import { convolutionGeometry, type WindowAttributes } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Argument, KernelSpec, Lowering, NodeView, Step, Upload } from './kernel.ts';
import { plainLayout } from './layout.ts';
import { activation } from './packed-window.ts';
import { plainInput, plainKernel } from './plain-kernel.ts';
import { quotient } from './texel-source.ts';
import type { Planes, Thread } from './thread.ts';

/** More taps make sources that take long to compile. */
const MOST_TAPS = 49;
const LANES = [0, 1, 2, 3] as const;
const each = (f: (l: number) => string, separator = ' '): string => LANES.map(f).join(separator);

/** A map with zeros around it. */
function pad(this: Thread<'H' | 'W' | 'padY' | 'padX'>, x: Planes): number {
  const row = this.thread.y - this.constants.padY;
  const column = this.thread.x - this.constants.padX;
  let value = 0;
  if (row >= 0 && row < this.constants.H && column >= 0 && column < this.constants.W) {
    value = x[this.thread.z]![row]![column]!;
  }
  return value;
}

/** Undefined for grouped convolutions, many taps, and weights that are computed in the graph. */
export function fourFilters(node: NodeView<Required<WindowAttributes>>, slope: number): Lowering | undefined {
  const { inputs, attributes } = node;
  const [data, weight, bias, residual] = inputs;
  const { N, C, H, W, O, I, J, padY, padX, groups } = convolutionGeometry(
    'convolution',
    data!,
    weight!,
    attributes,
  );
  const known = node.isParameter(1) && (!bias || node.isParameter(2));
  if (groups > 1 || !known || I * J > MOST_TAPS) return undefined;
  const steps: Step[] = [];
  let image = plainInput(0);
  if (padY + padX > 0) {
    const padded = [N, C, H + 2 * padY, W + 2 * padX];
    const spec = plainKernel('pad', pad, { H, W, padY, padX }, padded);
    steps.push({ spec, arguments: [image] });
    image = { from: 'step', index: 0 };
  }
  const weights: Argument = { from: 'weights', inputs: [1], pack: ([given]) => packWeights(given!) };
  const biases: Argument = {
    from: 'weights',
    inputs: bias ? [2] : [],
    pack: ([given]) => packBiases(given, O),
  };
  const shortcut = residual ? [plainInput(3)] : [];
  steps.push({
    spec: kernelOf(node, slope, residual !== undefined),
    arguments: [image, weights, biases, ...shortcut],
  });
  return { steps, outputs: [steps.length - 1] };
}

function kernelOf(
  { inputs, outputs, attributes }: NodeView<Required<WindowAttributes>>,
  slope: number,
  hasResidual: boolean,
): KernelSpec {
  const geometry = convolutionGeometry('convolution', inputs[0]!, inputs[1]!, attributes);
  const { N, C, O, P, Q, I, J, strideY, strideX, dilationY, dilationX } = geometry;
  const G = Math.ceil(O / 4);
  const group = N === 1 ? 'this.thread.z' : `(this.thread.z - n * ${G})`;
  const taps = Array.from({ length: I * J }, (_, tap) => {
    const y = `this.thread.y * ${strideY} + ${Math.floor(tap / J) * dilationY}`;
    const x = `this.thread.x * ${strideX} + ${(tap % J) * dilationX}`;
    const fetch = `const v${tap} = x[${N === 1 ? '' : `n * ${C} + `}c][${y}][${x}];`;
    return `${fetch} ${each((l) => `a${l} += v${tap} * w[${group}][c][${4 * tap + l}];`)}`;
  });
  // A last group of less than four filters reads the residual of its last one again.
  const plane = (l: number): string => {
    const o = O % 4 === 0 ? `${group} * 4 + ${l}` : `Math.min(${group} * 4 + ${l}, ${O - 1})`;
    return N === 1 ? o : `n * ${O} + ${o}`;
  };
  const shortcut = each((l) => `a${l} += e[${plane(l)}][this.thread.y][this.thread.x];`);
  const source = `function fourFilters(x, w, bias${hasResidual ? ', e' : ''}) {
  ${N === 1 ? '' : `const n = ${quotient('this.thread.z', G)};`}
  ${each((l) => `let a${l} = bias[0][${group}][${l}];`)}
  for (let c = 0; c < ${C}; c++) { ${taps.join(' ')} }
  ${hasResidual ? shortcut : ''}
  return [${each((l) => activation(`a${l}`, slope), ', ')}];
}`;
  return {
    name: 'fourFilters',
    source,
    output: [Q, P, N * G],
    gives: 'planes',
    planes: O,
    result: plainLayout(outputs[0]!),
  };
}

/** Number 4 · tap + l of row c of plane g: filter 4g + l. */
function packWeights({ shape, data }: Tensor): Upload {
  const [O, C, I, J] = shape as unknown as readonly [number, number, number, number];
  const taps = I * J;
  const groups = Math.ceil(O / 4);
  const packed = new Float32Array(groups * C * taps * 4);
  for (let o = 0; o < O; o++) {
    for (let c = 0; c < C; c++) {
      const to = ((o >> 2) * C + c) * taps * 4 + (o & 3);
      const from = (o * C + c) * taps;
      for (let tap = 0; tap < taps; tap++) packed[to + 4 * tap] = data[from + tap]!;
    }
  }
  return { layout: plainLayout([groups, C, 4 * taps]), data: packed };
}

/** Zeros without a bias. */
function packBiases(bias: Tensor | undefined, filters: number): Upload {
  const groups = Math.ceil(filters / 4);
  const data = new Float32Array(4 * groups);
  if (bias) data.set(bias.data);
  return { layout: plainLayout([groups, 4]), data };
}
