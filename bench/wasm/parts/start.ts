/**
 * How long it takes until the first frame can be computed: both graphs traced and compiled, their weights packed. Once, in
 * a process that has compiled nothing before.
 */
import { wasmBackend } from '../../../src/backends/wasm/index.ts';
import { officialGraph } from '../../../src/nets/index.ts';
import { randomWeights } from '../../random-weights.ts';
import type { Answer, Work } from '../api.ts';
import { now } from '../measure.ts';
import { sizeFor } from '../size.ts';

const kinds = ['key', 'current'] as const;

export async function measureStart({ quick, threads }: Work): Promise<Answer> {
  const { configuration, ...size } = sizeFor(quick);
  const weights = randomWeights(kinds.map((kind) => officialGraph(kind, configuration, size)));
  const times: { readonly kind: string; readonly processor: number; readonly wall: number }[] = [];
  const begun = [now('processor'), now('wall')] as const;
  const backend = await wasmBackend({ threads });
  const made = { kind: 'backend', processor: now('processor') - begun[0], wall: now('wall') - begun[1] };
  for (const kind of kinds) {
    const [processor, wall] = [now('processor'), now('wall')];
    await backend.compile(officialGraph(kind, configuration, size), weights);
    times.push({ kind: `${kind} graph`, processor: now('processor') - processor, wall: now('wall') - wall });
  }
  backend.dispose();
  const all = [made, ...times];
  const value = all.reduce((sum, { processor }) => sum + processor, 0) / 1000;
  const text = all
    .map(({ kind, processor, wall }) => {
      return `${kind}: ${(processor / 1000).toFixed(2)} s of processor time, ${(wall / 1000).toFixed(2)} s by the clock`;
    })
    .join('\n');
  const what = 'compiling and packing both graphs';
  return { text, findings: [{ what, threads, value, aim: 'start' }], data: all };
}
