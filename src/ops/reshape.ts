/**
 * reshape: the same elements in the same row-major order, under another shape.
 *
 * Source   MXNet Reshape. Its shape is a list of codes, read while stepping through the axes of the data:
 *
 *    n > 0       this size; steps over one axis of the data
 *    0           the size of the next axis of the data
 *   −1           the size that is left over, at most once; steps over one axis
 *   −2           all axes that are left
 *   −3           the product of the next two axes
 *   −4, a, b     the next axis cut into a × b; one of the two may be −1
 *
 * With `reverse`, codes and axes are both read from the back, so that a split is written b, a, −4. Behind a −2 or −4
 * MXNet puts the inferred size in a wrong place; here −1 is inferred where it stands.
 */
import { ShapeError } from '../tensor/errors.ts';
import { elementCount, formatShape, type Shape } from '../tensor/shape.ts';
import { apply, type Operator, type Value } from './operator.ts';
import { unlessEmpty } from './unless-empty.ts';

export interface ReshapeAttributes {
  /** The new shape, with the codes above. */
  readonly shape: readonly number[];
  /** Read from the last axis to the first. Default false. */
  readonly reverse?: boolean;
}

type Fail = (problem: string) => never;

/** The two sizes that code −4 cuts an axis into. */
function split(size: number, a: number | undefined, b: number | undefined, fail: Fail): [number, number] {
  if (a === undefined || b === undefined) return fail('code -4 is not followed by two sizes');
  const first = a === -1 ? size / b : a;
  const second = b === -1 ? size / a : b;
  if (first * second === size && [first, second].every((s) => Number.isInteger(s) && s >= 0)) {
    return [first, second];
  }
  return fail(`an axis of size ${size} cannot be cut into ${a} x ${b}`);
}

/** Reads the codes from front to back. The position of −1 holds a 1 and is given beside the sizes, or −1. */
function readCodes(data: Shape, codes: readonly number[], fail: Fail): { sizes: number[]; open: number } {
  const sizes: number[] = [];
  let open = -1;
  let axis = 0;
  const next = (code: number): number => data[axis++] ?? fail(`code ${code} finds no axis of data left`);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (!Number.isInteger(code) || code < -4) fail(`${code} is not a size or a code from -4 to 0`);
    if (code > 0) {
      sizes.push(code);
      axis++;
    } else if (code === 0) {
      sizes.push(next(code));
    } else if (code === -1) {
      if (open >= 0) fail('-1 appears twice');
      open = sizes.push(1) - 1;
      axis++;
    } else if (code === -2) {
      while (axis < data.length) sizes.push(next(code));
    } else if (code === -3) {
      sizes.push(next(code) * next(code));
    } else {
      sizes.push(...split(next(code), codes[i + 1], codes[i + 2], fail));
      i += 2;
    }
  }
  return { sizes, open };
}

function newShape(data: Shape, { shape, reverse }: Required<ReshapeAttributes>): Shape {
  const where = `(data ${formatShape(data)}, shape [${shape.join(', ')}]${reverse ? ' reversed' : ''})`;
  const fail: Fail = (problem) => {
    throw new ShapeError(`reshape: ${problem} ${where}`);
  };
  const turned = <T>(list: readonly T[]): readonly T[] => (reverse ? list.toReversed() : list);
  const { sizes, open } = readCodes(turned(data), turned(shape), fail);
  const total = elementCount(data);
  const given = elementCount(sizes);
  if (open >= 0) {
    const rest = total / given;
    if (!Number.isInteger(rest)) fail(`the size for -1 is ${total} / ${given}, which is no whole number`);
    sizes[open] = rest;
  } else if (given !== total) {
    fail(`data has ${total} elements, the new shape ${formatShape(turned(sizes))} has ${given}`);
  }
  return turned(sizes);
}

export const reshapeOperator: Operator<readonly ['data'], ReshapeAttributes> = {
  name: 'reshape',
  inputs: ['data'],
  outputs: ['output'],
  defaults: { reverse: false },

  shape: ([data], attributes) => [newShape(data, attributes)],

  forward([out], [data]) {
    out.data.set(data.data);
  },

  gradient: ([head], [data]) => [unlessEmpty(data, () => reshape(head, { shape: data.shape }))],
};

/**
 * The elements of the data under another shape.
 *
 * @throws ShapeError when the number of elements would change, or a code does not fit
 * @example reshape(scores, { shape: [0, 2, -1, 0] }) // 1×18×H×W to 1×2×9H×W
 */
export function reshape<V extends Value>(data: V, attributes: ReshapeAttributes): V {
  return apply(reshapeOperator, [data], attributes)[0];
}
