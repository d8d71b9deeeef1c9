/** Names of inner values, looked up before anything runs. */
import type { Model } from '../../dff/index.ts';
import { valueName } from '../../graph/index.ts';
import { ParameterError } from '../../tensor/index.ts';
import { nearest } from '../nearest.ts';

/** Names do not depend on the size of the frames; this is a small one. */
const ANY_SIZE = { height: 64, width: 64 };

/** How many similar names a message lists. */
const SHOWN = 3;

/** @throws ParameterError for a name that no graph of the model has, with similar ones as a hint */
export function checkNames(model: Model, names: readonly string[]): void {
  if (names.length === 0) return;
  const kinds = model.family === 'frame' ? (['frame'] as const) : (['key', 'current'] as const);
  const nodes = kinds.flatMap((kind) => model.graph(kind, ANY_SIZE).nodes);
  const known = new Set(nodes.flatMap((node) => node.outputs.map((_, output) => valueName(node, output))));
  const stranger = names.find((name) => !known.has(name));
  if (stranger === undefined) return;
  const similar = [...known].filter((name) => name.includes(stranger));
  const meant = nearest(stranger, known);
  const hints = [...new Set([...(meant === undefined ? [] : [meant]), ...similar])].slice(0, SHOWN);
  const hint = hints.length > 0 ? `there is ${hints.join(', ')}` : 'names end in _output, e.g. conv1_output';
  throw new ParameterError(`--dump: the network has no value called ${stranger}; ${hint}`);
}
