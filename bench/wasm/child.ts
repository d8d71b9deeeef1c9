/** Processes of their own for what is measured: thread counts and peaks of memory belong to a process. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, Work } from './api.ts';

const FLAG = '--measure';

/** What this process was started to measure; undefined in the one that started it all. */
export function workOfChild(args: readonly string[]): Work | undefined {
  return args[0] === FLAG ? (JSON.parse(args[1]!) as Work) : undefined;
}

/** Measures in a new process. @throws Error with what it says when it fails */
export function inChild(work: Work): Promise<Answer> {
  const child = fork(fileURLToPath(import.meta.url), [FLAG, JSON.stringify(work)]);
  const stop = (): void => void child.kill();
  process.once('exit', stop);
  return new Promise((done, fail) => {
    let answer: Answer | undefined;
    child.on('message', (message) => (answer = message as Answer));
    child.on('error', fail);
    child.on('close', (code) => {
      process.removeListener('exit', stop);
      if (answer && code === 0) done(answer);
      else fail(new Error(`${work.part}: the measuring process ended with ${code}`));
    });
  });
}

/** Sends what came of the work, and ends this process: peers leave workers behind. */
export function answer(result: Answer): void {
  process.send!(result, () => process.exit(0));
}
