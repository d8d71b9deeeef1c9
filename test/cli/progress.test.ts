import { expect, test } from 'vitest';
import { createProgress, formatSeconds } from '../../src/cli/progress.ts';

/** Frames of one second each. */
function run(total: number, isTTY: boolean): string[] {
  const written: string[] = [];
  let clock = 0;
  const stream = { isTTY, write: (text: string) => written.push(text) };
  const progress = createProgress(stream, total, () => clock);
  for (let frame = 0; frame < total; frame++) {
    clock += 1000;
    progress.frame(frame % 10 === 0);
  }
  progress.clear();
  return written;
}

test('on a terminal one line is rewritten, and gone at the end', () => {
  expect(run(2, true)).toEqual([
    '\rframe 1 of 2, key, 1.00 frames/s, 1 s left\x1b[K',
    '\rframe 2 of 2, current, 1.00 frames/s\x1b[K',
    '\r\x1b[K',
  ]);
});

test('elsewhere few frames have a line each, and no control characters', () => {
  expect(run(3, false)).toEqual([
    'frame 1 of 3, key, 1.00 frames/s, 2 s left\n',
    'frame 2 of 3, current, 1.00 frames/s, 1 s left\n',
    'frame 3 of 3, current, 1.00 frames/s\n',
  ]);
});

test('elsewhere many frames have a line per tenth', () => {
  const lines = run(137, false);
  expect(lines).toHaveLength(10);
  expect(lines.map((line) => Number(/\d+/.exec(line)![0]))).toEqual([
    14, 28, 42, 55, 69, 83, 96, 110, 124, 137,
  ]);
});

test('times are rounded to what matters', () => {
  expect([0.4, 59.4, 61, 3599, 7981].map(formatSeconds)).toEqual([
    '0 s',
    '59 s',
    '1 min 01 s',
    '59 min 59 s',
    '2 h 13 min',
  ]);
});
