/** One part, in the process that was started for it. */
import { match, P } from 'ts-pattern';
import type { Answer, Work } from './api.ts';
import { measureLayers } from './parts/layers.ts';
import { measureNetwork } from './parts/networks.ts';

export function measurePart(work: Work): Promise<Answer> {
  return match(work.part)
    .with(P.union('feature', 'flow'), (kind) => measureNetwork(kind, work))
    .with('layers', () => measureLayers(work))
    .otherwise(() => Promise.resolve({ text: 'TODO', findings: [], data: {} }));
}
