/** What kernels share that go through arrays in order: item = 8192 elements, four at a time. */
import { type Body, i32, type Local } from '../assembler/index.ts';

const ITEM_ELEMENTS = 8192;

export function elementwiseItems(total: number): number {
  return Math.ceil(total / ITEM_ELEMENTS);
}

/**
 * Writes the loops of an item. Both get the distance in bytes from the beginning of the arrays.
 *
 * @param four for four elements; undefined where everything is computed one by one
 * @param one for what remains
 */
export function elementwiseItem(
  body: Body,
  { total, item }: { readonly total: Local<'i32'>; readonly item: Local<'i32'> },
  four: ((offset: Local<'i32'>) => void) | undefined,
  one: (offset: Local<'i32'>) => void,
): void {
  const first = body.let(i32.multiply(item, ITEM_ELEMENTS));
  const rest = body.let(i32.subtract(total, first));
  const count = body.let(i32.minimum(rest, ITEM_ELEMENTS));
  const offset = body.let(i32.multiply(first, 4));
  const index = body.local('i32');
  if (four) {
    const end = body.let(i32.subtract(count, 3));
    body.while(i32.less(index, end), () => {
      four(offset);
      body.increase(offset, 16);
      body.increase(index, 4);
    });
  }
  body.while(i32.less(index, count), () => {
    one(offset);
    body.increase(offset, 4);
    body.increase(index, 1);
  });
}
