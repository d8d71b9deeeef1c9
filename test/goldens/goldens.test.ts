import { describe, expect, test } from 'vitest';
import { hasShared, shared } from '../shared.ts';
import { checkFolder } from './check-folder.ts';
import { withPart } from '../testing/page.ts';
import { countTable } from './counts.ts';
import { type GoldenRow, table } from './rows.ts';

/** The rows of each folder, for the count. */
const counted = new Map<string, readonly GoldenRow[]>();

describe.runIf(hasShared)('numbers computed by MXNet', () => {
  test.each(['goldens/operators', 'goldens/networks/narrow'])('are ours too: %s', async (folder) => {
    const rows = await checkFolder(shared(folder), { frames: undefined });
    const misses = rows.filter(({ pass }) => !pass);
    expect(rows.length).toBeGreaterThan(0);
    expect(misses.length, table(misses)).toBe(0);
    counted.set(folder, rows);
  });

  test('are as many as docs/testing.md says', async () => {
    const { is, shouldBe } = await withPart('goldens', countTable(counted));
    expect(is).toBe(shouldBe);
  });

  test('are in a folder of goldens; any other folder is refused', async () => {
    await expect(checkFolder(shared('fixtures'), { frames: undefined })).rejects.toThrow(
      'is this a folder of goldens?',
    );
  });
});
