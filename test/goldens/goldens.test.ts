import { describe, expect, test } from 'vitest';
import { hasShared, shared } from '../shared.ts';
import { checkFolder } from './check-folder.ts';
import { table } from './rows.ts';

describe.runIf(hasShared)('numbers computed by MXNet', () => {
  test.each(['goldens/operators', 'goldens/networks/narrow'])('are ours too: %s', async (folder) => {
    const rows = await checkFolder(shared(folder), { backend: 'reference', frames: undefined });
    const misses = rows.filter(({ pass }) => !pass);
    expect(rows.length).toBeGreaterThan(0);
    expect(misses.length, table(misses)).toBe(0);
  });

  test('are in a folder of goldens; any other folder is refused', async () => {
    await expect(
      checkFolder(shared('fixtures'), { backend: 'reference', frames: undefined }),
    ).rejects.toThrow('is this a folder of goldens?');
  });
});
