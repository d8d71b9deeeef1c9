/** Failures as people see them: one line on stderr and an exit code. */
import { DffError } from '../tensor/index.ts';

/** A command line that cannot be understood. Exit code 2. */
export class UsageError extends DffError {
  override readonly name = 'UsageError';
}

/** The user, or the system, asked the process to stop. */
export class Interrupted extends DffError {
  override readonly name = 'Interrupted';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('interrupted; unfinished files were removed');
    this.exitCode = exitCode;
  }
}

/** What the system's error codes mean. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder, expected a file',
  ENOTDIR: 'part of the path is not a folder',
  EEXIST: 'something of that name exists already',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'no space left for this user',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'symbolic links go round in a circle',
  ERR_FS_FILE_TOO_LARGE: 'the file is too large',
};

export interface Failure {
  /** One line, without control characters. */
  readonly message: string;
  /** 2 for a wrong command line, 130 after Ctrl-C, 1 for everything else. */
  readonly exitCode: number;
}

/** What to print for anything that was thrown, and how to exit. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof UsageError) return { message: oneLine(error.message), exitCode: 2 };
  if (error instanceof Interrupted) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof DffError) return { message: oneLine(error.message), exitCode: 1 };
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  const reason = typeof code === 'string' ? reasons[code] : undefined;
  if (reason !== undefined) return { message: oneLine(`${path ?? 'a file'}: ${reason}`), exitCode: 1 };
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (/allocation failed|Invalid (typed )?array length/i.test(text)) {
    return { message: 'out of memory; use smaller images (--short-side, --long-side)', exitCode: 1 };
  }
  return { message: oneLine(`${text}; this is a fault of dff, --debug shows where`), exitCode: 1 };
}

/** Text from files and arguments in a form that cannot move the cursor or break the line. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}
