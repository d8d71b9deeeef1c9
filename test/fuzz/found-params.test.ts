/** Found by fuzzing MXNet parameter files with sparse arrays. */
import { expect, test } from 'vitest';
import { bytesSource } from '../../src/tensor/index.ts';
import { openParams } from '../../weights-converter/index.ts';
import { list, pack } from '../weights-converter/kit.ts';

test('sparse bytes that were asked for and never read leave no rejected promise behind', async () => {
  const head = [
    [4, 0xf993fac9],
    [4, 1],
    [4, 2],
    [8, 1],
    [8, 1],
    [4, 2],
    [8, 1],
    [8, 1],
    [4, 1],
    [4, 0],
    [4, 0],
  ] as const;
  const outOfRange = pack(...head, [4, 6], [4, 1], [8, 1], [4, 0], [8, 7]);
  const file = await openParams(bytesSource(list([outOfRange], ['a']), 'x.params'));
  const unheard: unknown[] = [];
  const listen = (error: unknown): void => void unheard.push(error);
  process.on('unhandledRejection', listen);
  const pieces = file.bytes(file.entries[0]!);
  await new Promise((resolve) => void setTimeout(resolve));
  process.off('unhandledRejection', listen);
  expect(unheard).toEqual([]);
  await expect(pieces[Symbol.asyncIterator]().next()).rejects.toThrow('row number 7 of 1 rows');
});

test('many small sparse arrays together cannot ask for more than their file may', async () => {
  const large = [
    [4, 2],
    [8, 1 << 12],
    [8, 1 << 10],
  ] as const; // 16 MiB of zeros each
  const head = [[4, 0xf993fac9], [4, 1], [4, 2], [8, 0], [8, 1 << 10], ...large] as const;
  const empty = pack(...head, [4, 1], [4, 0], [4, 0], [4, 6], [4, 1], [8, 0]);
  const read = async (count: number): Promise<number> => {
    const file = await openParams(bytesSource(list(Array(count).fill(empty)), 'x.params'));
    return (await file.read(file.entries[0]!)).data.length;
  };
  expect(await read(4)).toBe(1 << 22);
  await expect(read(5)).rejects.toThrow('at most 67108864 are allowed');
});
