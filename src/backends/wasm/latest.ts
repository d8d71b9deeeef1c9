/**
 * What was made for the latest key, e.g. a program for the values that a run asks for. Another takes its place when
 * another key is asked for; it is disposed of when nobody uses it any more.
 */
export interface Latest<T> {
  /** Makes the thing for this key, unless it is there, and does something with it. */
  use<R>(key: string, make: () => Promise<T>, job: (made: T) => Promise<R>): Promise<R>;
  /** What is there now. */
  disposeAll(): void;
}

interface Made<T> {
  readonly key: string;
  readonly thing: Promise<T>;
  users: number;
}

export function createLatest<T>(dispose: (thing: T) => void): Latest<T> {
  const all = new Set<Made<T>>();
  let latest: Made<T> | undefined;
  /** A thing that could not be made has nothing to be disposed of. */
  const free = (made: Made<T>): void => {
    if (all.delete(made)) made.thing.then(dispose, () => {});
  };
  const replace = (made: Made<T> | undefined): void => {
    if (latest && latest.users === 0) free(latest);
    latest = made;
    if (made) all.add(made);
  };
  return {
    async use(key, make, job) {
      if (latest?.key !== key) replace({ key, thing: make(), users: 0 });
      const made = latest!;
      made.users++;
      try {
        const thing = await made.thing.catch((error: unknown) => {
          if (made === latest) replace(undefined); // so that it can be tried again
          throw error;
        });
        return await job(thing);
      } finally {
        if (--made.users === 0 && made !== latest) free(made);
      }
    },
    disposeAll() {
      latest = undefined;
      all.forEach(free);
    },
  };
}
