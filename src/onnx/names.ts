/** Names of values: ONNX wants every value under a name of its own, which ours need not have. */
import { type Graph, references, type ValueRef, valueName } from '../graph/index.ts';

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

export interface ValueNames {
  /** Of a value that somebody reads; undefined for any other. */
  readonly of: (ref: ValueRef) => string | undefined;
  /** Of the outputs of the graph. Where the value itself is called otherwise, it has to be copied. */
  readonly outputs: readonly string[];
  /** A name for a further value. */
  readonly further: (wanted: string) => string;
}

/**
 * Names in the order of their weight: inputs keep theirs, then outputs, parameters, and what nodes compute. A value that
 * is an output has the name of the output.
 */
export function nameValues(graph: Graph): ValueNames {
  const unique = uniqueNames();
  const names = new Map<string, string>();
  graph.inputs.forEach(({ name }, index) => names.set(keyOf({ from: 'input', index }), unique(name)));
  const outputs = graph.outputs.map(({ name, value }) => {
    const key = keyOf(value);
    if (names.get(key) === name) return name; // an input that is passed through
    const given = unique(name);
    if (value.from === 'node' && !names.has(key)) names.set(key, given);
    return given;
  });
  graph.parameters.forEach(({ name }, index) => names.set(keyOf({ from: 'parameter', index }), unique(name)));
  const read = new Set(references(graph).map(keyOf));
  graph.nodes.forEach((node, index) =>
    node.outputs.forEach((_, output) => {
      const key = keyOf({ from: 'node', index, output });
      if (read.has(key) && !names.has(key)) names.set(key, unique(valueName(node, output)));
    }),
  );
  return { of: (ref) => names.get(keyOf(ref)), outputs, further: unique };
}
