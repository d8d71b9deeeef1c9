/** Progress on stderr: one line that is rewritten on a terminal, a few plain lines elsewhere. */

export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Progress {
  /** Another frame is done. */
  frame(isKey: boolean): void;
  /** Takes the line off the terminal, for something else to be written. */
  clear(): void;
}

/** Where there is no terminal: a line per frame up to this many frames, one per tenth of all beyond. */
const FEW = 10;

/**
 * @param total how many frames there will be
 * @param now a clock in milliseconds
 */
export function createProgress(
  stream: ProgressStream,
  total: number,
  now: () => number = () => performance.now(),
): Progress {
  const start = now();
  let done = 0;
  const tenth = (frames: number): number => Math.floor((frames * 10) / total);
  return {
    frame(isKey) {
      done++;
      const line = progressLine(done, total, isKey, (now() - start) / 1000);
      if (stream.isTTY === true) stream.write(`\r${line}\x1b[K`);
      else if (total <= FEW || tenth(done) > tenth(done - 1)) stream.write(`${line}\n`);
    },
    clear() {
      if (stream.isTTY === true && done > 0) stream.write('\r\x1b[K');
    },
  };
}

/** `frame 3 of 60, key, 2.13 frames/s, 27 s left` */
function progressLine(done: number, total: number, isKey: boolean, seconds: number): string {
  const rate = seconds > 0 ? done / seconds : 0;
  const left = rate > 0 && done < total ? [`${formatSeconds((total - done) / rate)} left`] : [];
  return [
    `frame ${done} of ${total}`,
    isKey ? 'key' : 'current',
    `${rate.toPrecision(3)} frames/s`,
    ...left,
  ].join(', ');
}

/** `27 s`, `4 min 05 s`, `2 h 13 min` */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}
