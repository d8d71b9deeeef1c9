/** Inner values by the name under which they can be asked for, `conv1_output`. */
import { ParameterError } from '../tensor/errors.ts';
import { type Graph, type ValueRef, valueName } from './graph.ts';

/**
 * Where the values of these names come from. Of two nodes of one name, the later one.
 *
 * @throws ParameterError when a name is none of the graph's, with names that are similar
 */
export function valuesCalled(graph: Graph, names: readonly string[]): ValueRef[] {
  if (names.length === 0) return [];
  const known = new Map<string, ValueRef>();
  graph.nodes.forEach((node, index) => {
    node.outputs.forEach((_, output) => known.set(valueName(node, output), { from: 'node', index, output }));
  });
  return names.map((name) => known.get(name) ?? stranger(name, [...known.keys()]));
}

function stranger(name: string, known: readonly string[]): never {
  throw new ParameterError(`graph: there is no value called ${name}; ${valueHint(name, known)}`);
}

/** What to say to somebody who asked for a value that is not there. */
export function valueHint(name: string, known: readonly string[]): string {
  const similar = known.filter((other) => other.includes(name)).slice(0, 3);
  return similar.length > 0 ? `there is ${similar.join(', ')}` : 'names end in _output';
}
