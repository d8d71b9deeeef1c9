/** Jobs one after the other, whatever became of the one before. */
export type InTurn = <T>(job: () => Promise<T>) => Promise<T>;

/** For waiting without keeping what came of it. */
const nothing = (): void => {};

export function createQueue(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (job) => {
    const done = last.then(job, job);
    last = done.then(nothing, nothing);
    return done;
  };
}
