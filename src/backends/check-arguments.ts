/** What callers hand to a backend, looked at before it computes: plain JavaScript has no compiler that complains. */
import type { Graph, ParameterSource } from '../graph/index.ts';
import { DffError } from '../tensor/errors.ts';
import type { RunOptions } from './backend.ts';

/** @throws DffError for what is no graph, or no source of parameters */
export function checkCompiling(graph: Graph, parameters: ParameterSource): void {
  if (!isObject(graph) || !Array.isArray(graph.nodes) || !Array.isArray(graph.inputs)) {
    throw new DffError(`compile: the graph is ${shown(graph)}, expected what trace(...) gives`);
  }
  if (!isObject(parameters) || typeof parameters.get !== 'function') {
    const expected = 'a Map of tensors or an opened checkpoint';
    throw new DffError(`compile: the parameters are ${shown(parameters)}, expected ${expected}`);
  }
}

/** @throws DffError unless tensors are fed by name, and options are what they are called */
export function checkRunning(feeds: unknown, options: RunOptions | undefined): void {
  if (!isObject(feeds))
    throw new DffError(`run: got ${shown(feeds)}, expected tensors by the names of inputs`);
  if (options === undefined) return;
  if (!isObject(options)) throw new DffError(`run: the options are ${shown(options)}, expected an object`);
  const { keep, keepOnDevice } = options;
  checkNames('run: keep', keep);
  checkNames('run: keepOnDevice', keepOnDevice);
}

/** @throws DffError for what is neither left out nor a list of names. @param what whose argument it is, and its name */
export function checkNames(what: string, list: unknown): void {
  if (list === undefined) return;
  if (Array.isArray(list) && list.every((name) => typeof name === 'string')) return;
  throw new DffError(`${what} is ${shown(list)}, expected a list of names`);
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'another object';
  return typeof value === 'function' ? 'a function' : String(value);
}
