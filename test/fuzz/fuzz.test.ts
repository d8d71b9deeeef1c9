/**
 * The short form of `npm run fuzz`: a few thousand damaged files and texts of each kind, the same ones every time. Time is
 * not judged here.
 */
import { expect, test } from 'vitest';
import { failureText } from './report.ts';
import { emptyTally, run, runValid } from './run.ts';
import { makeTarget, targetNames } from './targets/index.ts';

const seed = 20170701;

test.each(targetNames)('%s: whatever is damaged is refused properly or still right', async (name) => {
  const target = await makeTarget(name);
  await runValid(target);
  const tally = emptyTally(name);
  await run(target, tally, { seed, runs: target.shortRuns });
  expect(tally.failures.map(failureText), `seed ${seed}`).toEqual([]);
  expect(tally.cases).toBe(target.shortRuns);
  expect(tally.accepted).toBeGreaterThan(0);
  expect(tally.refused).toBeGreaterThan(0);
});
