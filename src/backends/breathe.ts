/** Letting others run: timers, cancellation, and in a page drawing and answers. */

/**
 * A function to call between two pieces of work. Where the last pause is longer ago than `longest` milliseconds, it
 * pauses for events, which a resolved promise does not let in, and says so.
 */
export function breather(longest: number): () => Promise<boolean> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < longest) return false;
    await pause();
    last = performance.now();
    return true;
  };
}

/** Lets everybody run who waits. Timers would do, but a page is kept waiting for 4 milliseconds by one that follows another. */
export async function pause(): Promise<void> {
  if (typeof setImmediate === 'function') {
    await new Promise((resolve) => void setImmediate(resolve));
    return;
  }
  const { port1, port2 } = new MessageChannel();
  await new Promise((resolve) => {
    port1.addEventListener('message', resolve);
    port1.start();
    port2.postMessage(undefined);
  });
  port1.close();
}
