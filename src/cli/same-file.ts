/** Outputs that are inputs under another name: a relative path, a symbolic or hard link, another case of letters. */
import { stat } from 'node:fs/promises';
import { UsageError } from './failure.ts';

/** What a file is, whatever it is called; undefined where there is none. */
async function identity(path: string): Promise<string | undefined> {
  const status = await stat(path, { bigint: true }).catch(() => undefined);
  return status && `${status.dev} ${status.ino}`;
}

/**
 * Looks whether writing would replace something that is read.
 *
 * @param outputs undefined ones are not written
 * @throws UsageError for the first output that is one of the inputs
 */
export async function refuseOverwriting(
  outputs: readonly (string | undefined)[],
  inputs: readonly string[],
): Promise<void> {
  for (const output of outputs) {
    const existing = output === undefined ? undefined : await identity(output);
    if (existing === undefined) continue;
    for (const input of inputs) {
      if ((await identity(input)) !== existing) continue;
      const other = input === output ? '' : `, as ${input}`;
      throw new UsageError(`${output}: is both read${other} and written; give the output another name`);
    }
  }
}
