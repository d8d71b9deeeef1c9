/** Every name and shape of a checkpoint against the network it is for. */
import type { Port } from '../src/graph/index.ts';
import { officialGraph } from '../src/nets/index.ts';
import { ParameterError } from '../src/tensor/errors.ts';
import { formatShape, sameShape } from '../src/tensor/shape.ts';
import { describeNetwork, nameAndShape, type NetworkDescription, type Shapes } from './recognise.ts';

/** Parameters do not depend on the size of the image; this is a small one. */
const SIZE = { height: 64, width: 64 };

/** How many offenders a message lists. */
const SHOWN = 3;

/**
 * All parameters of a network with their official names and shapes. The batch graph has those of both the key and the
 * current graph of Deep Feature Flow.
 */
export function officialParameters({ family, configuration }: NetworkDescription): readonly Port[] {
  return officialGraph(family === 'dff' ? 'batch' : 'frame', configuration, SIZE).parameters;
}

/** What a checkpoint has too little, too much or in another shape. Each offender in words. */
export interface Mismatch {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly misshapen: readonly string[];
}

/** Compares a checkpoint with a network. Nothing is thrown. */
export function compareWithNetwork(shapes: Shapes, network: NetworkDescription): Mismatch {
  const parameters = officialParameters(network);
  const known = new Set(parameters.map(({ name }) => name));
  const missing: string[] = [];
  const misshapen: string[] = [];
  for (const { name, shape } of parameters) {
    const stored = shapes.get(name);
    if (stored === undefined) missing.push(nameAndShape(name, shape));
    else if (!sameShape(stored, shape)) {
      misshapen.push(`${name} (got ${formatShape(stored)}, expected ${formatShape(shape)})`);
    }
  }
  const unexpected = [...shapes]
    .filter(([name]) => !known.has(name))
    .map(([name, shape]) => nameAndShape(name, shape));
  return { missing, unexpected, misshapen };
}

/**
 * Throws unless a checkpoint has exactly the parameters of a network.
 *
 * @param file what messages call the checkpoint
 * @throws ParameterError that counts what is missing, unexpected and misshapen, and lists the first few
 */
export function checkNetwork(shapes: Shapes, network: NetworkDescription, file: string): void {
  const { missing, unexpected, misshapen } = compareWithNetwork(shapes, network);
  const complaints = [
    ...complaint(missing, 'missing'),
    ...complaint(unexpected, 'unexpected'),
    ...complaint(misshapen, 'of another shape'),
  ];
  if (complaints.length === 0) return;
  throw new ParameterError(`${file}: does not fit ${describeNetwork(network)}: ${complaints.join('; ')}`);
}

/** `2 missing: a (3), b (4)` */
function complaint(offenders: readonly string[], what: string): string[] {
  if (offenders.length === 0) return [];
  const more = offenders.length > SHOWN ? ', ...' : '';
  return [`${offenders.length} ${what}: ${offenders.slice(0, SHOWN).join(', ')}${more}`];
}
