/** Letting others run: timers, cancellation, and in a page drawing and answers. */

/**
 * A function to call between two pieces of work. Where the last pause is longer ago than `longest` milliseconds, it
 * pauses for events, which a resolved promise does not let in, and says so.
 */
export function breather(longest: number): () => Promise<boolean> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < longest) return false;
    await new Promise((resolve) => void setTimeout(resolve, 0));
    last = performance.now();
    return true;
  };
}
