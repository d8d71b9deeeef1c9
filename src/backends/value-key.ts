/** A name for a value that two readers of it share. */
import type { ValueRef } from '../graph/index.ts';

export const keyOf = (ref: ValueRef): string =>
  ref.from === 'node' ? `node ${ref.index} ${ref.output}` : `${ref.from} ${ref.index}`;
