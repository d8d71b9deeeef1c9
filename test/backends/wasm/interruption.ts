/** Cancelling in the middle of a run, by a timer that fires only if the caller's thread is free. */
import { getEventListeners } from 'node:events';
import { expect } from 'vitest';
import type { Plan } from '../../../src/backends/index.ts';
import type { Tensors } from './networks.ts';

/** Calls back when an interval timer has fired that often. */
export function afterTicks(count: number, callback: () => void): void {
  let ticks = 0;
  const timer = setInterval(() => {
    if (++ticks < count) return;
    clearInterval(timer);
    callback();
  }, 1);
}

/**
 * Aborts a run that takes far longer than a few ticks of a timer. Were the caller's thread blocked, the run would end
 * before the first of them.
 */
export async function expectInterruption(plan: Plan, feeds: Tensors): Promise<void> {
  const controller = new AbortController();
  const reason = new Error('enough');
  const events: string[] = [];
  afterTicks(3, () => {
    events.push('third tick');
    controller.abort(reason);
  });
  await plan.run(feeds, { signal: controller.signal }).then(
    () => events.push('done'),
    (error: unknown) => events.push(error === reason ? 'rejected with the reason' : String(error)),
  );
  expect(events).toEqual(['third tick', 'rejected with the reason']);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
}
