/**
 * Where a pooling window lies: computed once, shared by the reference, other backends and gradients.
 *
 * Letters  N images, C channels, H × W input, P × Q output, I × J window
 */
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape } from '../tensor/shape.ts';
import { checkPair, nchw, type Pair, pair } from './checks.ts';

export interface PoolingWindowAttributes {
  /** Height and width of the window. Ignored when `global` is set. */
  readonly kernel: Pair;
  /** Step of the window, in input pixels. Default 1. */
  readonly stride?: Pair;
  /** Pixels added on each side. They never win a maximum and add nothing to a sum. Default 0. */
  readonly pad?: Pair;
  /**
   * What happens to pixels at the right and lower end that do not fill a whole step: `valid` leaves them out, `full`
   * gives them a last window that overhangs the image. Default `valid`.
   */
  readonly convention?: 'valid' | 'full';
  /** One window that is the whole map, whatever kernel, stride, pad and convention say. Default false. */
  readonly global?: boolean;
}

/** One axis of the pixels that a window covers. */
export interface WindowExtent {
  /** First pixel inside the image. */
  readonly first: number;
  /** One past the last pixel inside the image; not above `first` where the window holds none. */
  readonly end: number;
  /** Positions inside the image or its declared padding; 0 where the window lies wholly beyond it. */
  readonly padded: number;
}

export interface PoolingGeometry {
  readonly N: number;
  readonly C: number;
  readonly H: number;
  readonly W: number;
  readonly P: number;
  readonly Q: number;
  readonly I: number;
  readonly J: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly padY: number;
  readonly padX: number;
}

/**
 * Windows of one axis: (size + 2 pad − kernel) / stride + 1, rounded down (`valid`) or up (`full`). Up as MXNet does:
 * the quotient is a float32, so that beyond 2²⁴ pixels it may already have been rounded. There is no rule, as in
 * Caffe, that drops a last window lying wholly in the padding.
 */
function windowCount(size: number, kernel: number, stride: number, pad: number, full: boolean): number {
  const steps = size + 2 * pad - kernel;
  return (full ? Math.ceil(Math.fround(Math.fround(steps) / stride)) : Math.floor(steps / stride)) + 1;
}

/** The geometry of pooling data (N, C, H, W). Throws ShapeError where the windows do not fit. */
export function poolingGeometry(
  operator: string,
  data: Shape,
  attributes: Required<PoolingWindowAttributes>,
): PoolingGeometry {
  const [N, C, H, W] = nchw(operator, 'data', data);
  const whole = attributes.global;
  if (!whole) {
    checkPair(operator, 'kernel', attributes.kernel, 1);
    checkPair(operator, 'stride', attributes.stride, 1);
    checkPair(operator, 'pad', attributes.pad, 0);
  }
  const [I, J] = whole ? [H, W] : pair(attributes.kernel);
  const [strideY, strideX] = pair(whole ? 1 : attributes.stride);
  const [padY, padX] = pair(whole ? 0 : attributes.pad);
  if (I > H + 2 * padY || J > W + 2 * padX) {
    const shapes = `(data ${formatShape(data)}, kernel ${I}x${J}, pad ${padY}x${padX})`;
    throw new ShapeError(
      `${operator}: the kernel is larger than the padded data ${shapes}; pad more or use a larger map`,
    );
  }
  const full = attributes.convention === 'full'; // makes no difference to a window that is the whole map
  const P = windowCount(H, I, strideY, padY, full);
  const Q = windowCount(W, J, strideX, padX, full);
  return {
    N,
    C,
    H,
    W,
    P,
    Q,
    I,
    J,
    strideY,
    strideX,
    padY,
    padX,
  };
}

/** The vertical extent of the windows of each output row, and the horizontal extent of those of each output column. */
export function windowExtents(geometry: PoolingGeometry): {
  readonly rows: readonly WindowExtent[];
  readonly columns: readonly WindowExtent[];
} {
  const { H, W, P, Q, I, J, strideY, strideX, padY, padX } = geometry;
  return {
    rows: Array.from({ length: P }, (_, p) => windowExtent(p * strideY - padY, H, I, padY)),
    columns: Array.from({ length: Q }, (_, q) => windowExtent(q * strideX - padX, W, J, padX)),
  };
}

function windowExtent(start: number, size: number, kernel: number, pad: number): WindowExtent {
  return {
    first: Math.max(0, start),
    end: Math.min(start + kernel, size),
    padded: Math.max(0, Math.min(start + kernel, size + pad) - start),
  };
}

/**
 * What an average window divides by: the positions it covers inside the image and its declared padding, or, with
 * `countPadding` false, inside the image alone. Positions that overhang the padded image never count. 0 for a window
 * that covers nothing.
 */
export function averageDivisor(row: WindowExtent, column: WindowExtent, countPadding: boolean): number {
  if (countPadding) return row.padded * column.padded;
  return Math.max(0, row.end - row.first) * Math.max(0, column.end - column.first);
}
