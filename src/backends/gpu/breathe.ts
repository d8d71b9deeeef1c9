/** Letting others run: a page draws and answers only when nothing else does. */

/** Longest time between two chances, in milliseconds. */
const BREATH = 12;

/** A pause that lets events in, which a resolved promise does not; taken only when the last one is a while ago. */
export function breather(): () => Promise<boolean> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < BREATH) return false;
    await new Promise((resolve) => void setTimeout(resolve, 0));
    last = performance.now();
    return true;
  };
}
