/** Ctrl-C: work is cancelled and cleans up after itself, instead of being cut off. */
import { Interrupted } from './failure.ts';

/** Exit codes by convention: 128 and the number of the signal. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs something that can be cancelled. The first signal cancels, and the promise rejects with `Interrupted` when the
 * work has cleaned up; a second one ends the process as usual.
 */
export async function withInterrupts<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const listeners = (['SIGINT', 'SIGTERM'] as const).map((name) => {
    const listener = (): void => controller.abort(new Interrupted(exitCodes[name]));
    process.once(name, listener);
    return (): void => void process.off(name, listener);
  });
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    for (const remove of listeners) remove();
  }
}
