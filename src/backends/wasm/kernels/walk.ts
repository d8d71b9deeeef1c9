/**
 * A walk: all elements of a shape, in row-major order, at their places in two arrays that have strides of their own.
 *
 * Slices, transposes, tilings and broadcasts differ in strides only: a repeated axis has stride 0, a reversed one a
 * negative one. The walk goes along the innermost axis, row by row; a table has the others.
 *
 *   item = 8192 elements, however many rows these are
 */
import { type Body, i32, type Local } from '../assembler/index.ts';

/** Elements of an item. */
export const ITEM_ELEMENTS = 8192;
/** Bytes of an axis in the table: its size and its two strides in bytes. The innermost comes first. */
export const AXIS_BYTES = 12;

export const walkFields = {
  /** Where the two arrays have the element whose index is all zeros. */
  left: 'address',
  right: 'address',
  axes: 'address',
  axesBytes: 'i32',
  /** Elements of a row, and bytes from one to the next. */
  length: 'i32',
  leftStep: 'i32',
  rightStep: 'i32',
  /** Elements in all. */
  total: 'i32',
} as const;

type WalkLocals = { readonly [K in keyof typeof walkFields | 'item']: Local<'i32'> };

/** A stretch of a row: how many elements have gone before it, how many it has, and where it begins in both arrays. */
export type Stretch = { readonly [K in 'position' | 'count' | 'left' | 'right']: Local<'i32'> };

/**
 * Writes the walk through the elements of an item. The table is asked where a row lies once for all rows that follow it
 * along the next axis: rows may be short, e.g. the channels of a block.
 */
export function walkItem(body: Body, record: WalkLocals, visit: (stretch: Stretch) => void): void {
  const { axes, axesBytes, length } = record;
  const position = body.let(i32.multiply(record.item, ITEM_ELEMENTS));
  const end = body.let(i32.add(position, ITEM_ELEMENTS));
  body.set(end, i32.minimum(end, record.total));
  const [rows, nextLeft, nextRight] = [body.let(i32.constant(1)), body.local('i32'), body.local('i32')];
  body.if(axesBytes, () => {
    body.set(rows, i32.load(axes));
    body.set(nextLeft, i32.load(axes, 4));
    body.set(nextRight, i32.load(axes, 8));
  });
  const [rowLeft, rowRight] = [body.local('i32'), body.local('i32')];
  body.while(i32.less(position, end), () => {
    const row = body.let(i32.divide(position, length));
    const passed = body.let(i32.subtract(position, i32.multiply(row, length)));
    const rest = body.let(i32.subtract(rows, i32.remainder(row, rows)));
    body.set(rowLeft, record.left);
    body.set(rowRight, record.right);
    placeOf(body, row, record, [rowLeft, rowRight]);
    body.doWhile(
      () => {
        const [ofRow, ofItem] = [
          body.let(i32.subtract(length, passed)),
          body.let(i32.subtract(end, position)),
        ];
        const count = body.let(i32.minimum(ofRow, ofItem));
        const left = body.let(i32.add(rowLeft, i32.multiply(passed, record.leftStep)));
        const right = body.let(i32.add(rowRight, i32.multiply(passed, record.rightStep)));
        visit({ position, count, left, right });
        body.increase(position, count);
        body.increase(rowLeft, nextLeft);
        body.increase(rowRight, nextRight);
        body.set(passed, 0);
        body.increase(rest, -1);
      },
      () => i32.and(i32.notEqual(rest, 0), i32.less(position, end)),
    );
  });
}

/** Moves addresses to the element of an index, which is taken apart by a table of axes and is 0 then. */
export function placeOf(
  body: Body,
  index: Local<'i32'>,
  { axes, axesBytes }: { readonly [K in 'axes' | 'axesBytes']: Local<'i32'> },
  addresses: readonly Local<'i32'>[],
): void {
  const axis = body.let(axes);
  const end = body.let(i32.add(axes, axesBytes));
  body.while(i32.below(axis, end), () => {
    const size = body.let(i32.load(axis));
    const digit = body.let(i32.remainder(index, size));
    body.set(index, i32.divide(index, size));
    addresses.forEach((address, k) => body.increase(address, i32.multiply(digit, i32.load(axis, 4 + 4 * k))));
    body.increase(axis, AXIS_BYTES);
  });
}
