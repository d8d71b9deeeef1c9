/** Names of values: ONNX wants every value under a name of its own, which ours need not have. */
import type { ValueRef } from '../graph/index.ts';

/** A name for a value that all who refer to it share. */
export const keyOf = (ref: ValueRef): string =>
  ref.from === 'node' ? `node ${ref.index} ${ref.output}` : `${ref.from} ${ref.index}`;

/** Gives each name once; one that was given before gets a number, `rois_output_1`. */
export function uniqueNames(): (wanted: string) => string {
  const taken = new Set<string>();
  return (wanted) => {
    let name = wanted;
    for (let count = 1; taken.has(name); count++) name = `${wanted}_${count}`;
    taken.add(name);
    return name;
  };
}
