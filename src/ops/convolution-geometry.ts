/**
 * Where a convolution window lies: computed once, shared by the reference, other backends and gradients.
 *
 * Letters  N images, C input channels, O output channels, H × W input, P × Q output, I × J kernel taps
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape } from '../tensor/shape.ts';
import { checkInteger, checkPair, nchw, type Pair, pair } from './checks.ts';

export interface WindowAttributes {
  /** Step of the window, in input pixels. Default 1. */
  readonly stride?: Pair;
  /** Zeros added on each side. Default 0. */
  readonly pad?: Pair;
  /** Distance between neighbouring taps, in input pixels. Default 1. */
  readonly dilation?: Pair;
  /** Channels are split into this many independent convolutions. Default 1. */
  readonly groups?: number;
}

export interface ConvolutionGeometry {
  readonly N: number;
  readonly C: number;
  readonly H: number;
  readonly W: number;
  readonly O: number;
  readonly I: number;
  readonly J: number;
  readonly P: number;
  readonly Q: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly padY: number;
  readonly padX: number;
  readonly dilationY: number;
  readonly dilationX: number;
  readonly groups: number;
  /** Input channels per group. */
  readonly groupC: number;
  /** Output channels per group. */
  readonly groupO: number;
}

/** Windows of one axis: ⌊(size + 2 pad − dilation (taps − 1) − 1) / stride⌋ + 1. */
function windows(size: number, taps: number, stride: number, pad: number, dilation: number): number {
  return Math.floor((size + 2 * pad - dilation * (taps - 1) - 1) / stride) + 1;
}

/** The geometry of data (N, C, H, W) under weight (O, C / groups, I, J). Throws ShapeError where they do not fit. */
export function convolutionGeometry(
  operator: string,
  data: Shape,
  weight: Shape,
  attributes: Required<WindowAttributes>,
): ConvolutionGeometry {
  const [N, C, H, W] = nchw(operator, 'data', data);
  const [O, weightC, I, J] = nchw(operator, 'weight', weight);
  const { stride, pad, dilation, groups } = attributes;
  checkPair(operator, 'stride', stride, 1);
  checkPair(operator, 'pad', pad, 0);
  checkPair(operator, 'dilation', dilation, 1);
  checkInteger(operator, 'groups', groups, 1);
  const shapes = `(data ${formatShape(data)}, weight ${formatShape(weight)}, groups ${groups})`;
  if (weightC * groups !== C) {
    const hint = 'check the layer before it';
    throw new ShapeError(
      `${operator}: weight has ${weightC * groups} input channels, data has ${C} ${shapes}; ${hint}`,
    );
  }
  if (O % groups !== 0)
    throw new ShapeError(`${operator}: ${O} filters cannot be split into groups ${shapes}`);
  const [strideY, strideX] = pair(stride);
  const [padY, padX] = pair(pad);
  const [dilationY, dilationX] = pair(dilation);
  const P = windows(H, I, strideY, padY, dilationY);
  const Q = windows(W, J, strideX, padX, dilationX);
  if (H === 0 || W === 0 || I === 0 || J === 0) {
    throw new ShapeError(`${operator}: data and kernel need at least one row and column ${shapes}`);
  }
  if (P < 1 || Q < 1) {
    throw new ShapeError(
      `${operator}: the kernel is larger than the padded data ${shapes}; pad more or use a larger map`,
    );
  }
  const [groupC, groupO] = [C / groups, O / groups];
  return {
    N,
    C,
    H,
    W,
    O,
    I,
    J,
    P,
    Q,
    strideY,
    strideX,
    padY,
    padX,
    dilationY,
    dilationX,
    groups,
    groupC,
    groupO,
  };
}

/** Output positions q whose tap `j` reads inside the input: first ≤ q < end. */
export function insideRange(
  size: number,
  outputs: number,
  j: number,
  stride: number,
  pad: number,
  dilation: number,
): readonly [first: number, end: number] {
  const shift = pad - j * dilation; // position read: q · stride − shift
  const first = Math.max(0, Math.ceil(shift / stride));
  const end = Math.min(outputs, Math.ceil((size + shift) / stride));
  return [first, Math.max(first, end)];
}

/**
 * Input rows and columns after the last window, which no output pixel reads: the `adjust` with which a deconvolution
 * leads back to the input's size.
 */
export function remainders(
  data: Shape,
  weight: Shape,
  { stride, pad, dilation }: Required<WindowAttributes>,
): Pair {
  const [, , H, W] = nchw('convolution', 'data', data);
  const [, , I, J] = nchw('convolution', 'weight', weight);
  const rest = (axis: 0 | 1, size: number, taps: number): number =>
    (size + 2 * pair(pad)[axis] - pair(dilation)[axis] * (taps - 1) - 1) % pair(stride)[axis];
  return [rest(0, H, I), rest(1, W, J)];
}
