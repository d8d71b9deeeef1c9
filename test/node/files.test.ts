import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFile, writeAtomically } from '../../src/node/files.ts';
import { DffError, FormatError } from '../../src/tensor/index.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dff-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a file is read by position, and not past its end', async () => {
  const path = join(folder, 'ten.bin');
  await writeFile(
    path,
    Uint8Array.from({ length: 10 }, (_, i) => i),
  );
  await using file = await openFile(path);
  expect([file.name, file.size]).toEqual(['ten.bin', 10]);
  expect([...(await file.read(3, 4))]).toEqual([3, 4, 5, 6]);
  expect([...(await file.read(10, 0))]).toEqual([]);
  await expect(file.read(8, 3)).rejects.toThrow(FormatError);
});

test('a file is read at once too', async () => {
  const path = join(folder, 'at-once.bin');
  await writeFile(path, Uint8Array.of(5, 6, 7, 8));
  await using file = await openFile(path);
  expect([...file.readNow!(1, 2)]).toEqual([6, 7]);
  expect(() => file.readNow!(3, 2)).toThrow(FormatError);
  await writeFile(path, Uint8Array.of(5));
  expect(() => file.readNow!(0, 4)).toThrow('ended at byte 1 while being read');
});

test('what cannot be opened is said in one line', async () => {
  const missing = join(folder, 'missing.bin');
  await expect(openFile(missing)).rejects.toThrow(`${missing}: cannot be opened, no such file or folder`);
  await expect(openFile(folder)).rejects.toThrow('it is not a file');
  await expect(openFile(folder)).rejects.toThrow(DffError);
});

test('a file appears when it is complete', async () => {
  const path = join(folder, 'out.bin');
  const result = await writeAtomically(path, async (sink) => {
    await sink.write(Uint8Array.of(1, 2));
    await expect(readFile(path)).rejects.toThrow('ENOENT');
    await sink.write(Uint8Array.of(3));
    return 'done';
  });
  expect(result).toBe('done');
  expect([...(await readFile(path))]).toEqual([1, 2, 3]);
});

test('after a failure nothing is left, and the old file is still there', async () => {
  const path = join(folder, 'kept.bin');
  await writeFile(path, 'old');
  const before = await readdir(folder);
  const failing = writeAtomically(path, async (sink) => {
    await sink.write(Uint8Array.of(1));
    throw new FormatError('no more');
  });
  await expect(failing).rejects.toThrow('no more');
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(before);
});

test('folders that do not exist yet are made', async () => {
  const path = join(folder, 'new', 'deep', 'out.bin');
  await writeAtomically(path, (sink) => sink.write(Uint8Array.of(7)));
  expect([...(await readFile(path))]).toEqual([7]);
});

test('a file where a folder should be is said in one line', async () => {
  const file = join(folder, 'file');
  await writeAtomically(file, (sink) => sink.write(Uint8Array.of(1)));
  const path = join(file, 'out.bin');
  await expect(writeAtomically(path, async () => undefined)).rejects.toThrow(`${path}: cannot be written`);
});

test.skipIf(process.platform === 'win32')('a device is not replaced by a file', async () => {
  const failing = writeAtomically('/dev/null', (sink) => sink.write(Uint8Array.of(1)));
  await expect(failing).rejects.toThrow('/dev/null: cannot be written, it is not a file');
  expect((await lstat('/dev/null')).isCharacterDevice()).toBe(true);
});

test.skipIf(process.platform === 'win32')('a symbolic link stays one', async () => {
  const [path, link] = [join(folder, 'linked.bin'), join(folder, 'link.bin')];
  await writeFile(path, 'old');
  await symlink('linked.bin', link);
  await writeAtomically(link, (sink) => sink.write(Uint8Array.of(9)));
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect([...(await readFile(path))]).toEqual([9]);
});
