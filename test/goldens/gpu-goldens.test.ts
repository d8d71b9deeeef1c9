/** MXNet's numbers on the backend gpu in Node: operators and the narrow network. Graphics cards: test/browser. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasShared, shared } from '../shared.ts';
import { type GoldenBackend, openGoldenBackend, type Watched, watch } from './backend.ts';
import { checkFolder } from './check-folder.ts';
import { table } from './rows.ts';

/** What the processor computes in these goldens: a chain of decisions, and what only training has. */
const onHost = [
  'proposal',
  'multiProposal',
  'softmaxOutput',
  'softmaxOutputGradient',
  'makeLossGradient',
  'scatterRows',
  'sgdMomentumUpdate',
];

describe.runIf(hasShared)('in mode webasm', () => {
  let opened: GoldenBackend;
  let watched: Watched;
  beforeAll(async () => {
    opened = await openGoldenBackend('gpu', 'webasm');
    watched = watch(opened.backend);
  });
  afterAll(() => opened.backend.dispose());

  test.each([
    ['operators', 'goldens/operators', 2000],
    ['the narrow network', 'goldens/networks/narrow', 60],
  ])('%s give the numbers that MXNet computed', async (_, folder, least) => {
    const { backend } = watched;
    const rows = await checkFolder(shared(folder), { backend, frames: undefined, cases: ['small', 'frame'] });
    const misses = rows.filter(({ pass }) => !pass);
    expect(rows.length).toBeGreaterThan(least);
    expect(misses.length, table(misses)).toBe(0);
  });

  test('the processor computes only what is left to it', () => {
    const hosted = [...watched.hosted.keys()].map((what) => what.split(':')[0]!);
    expect(hosted.filter((operator) => !onHost.includes(operator))).toEqual([]);
    expect(watched.onDevice()).toBeGreaterThan(3000);
  });
});
