/** Files as byte sources, and files that appear whole or not at all. */
import { randomBytes } from 'node:crypto';
import { readSync } from 'node:fs';
import { type FileHandle, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type ByteSink, type ByteSource, checkRange } from '../tensor/byte-source.ts';
import { DffError, FormatError } from '../tensor/errors.ts';

/** What the operating system's error codes mean to a reader of messages. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EEXIST: 'a file is in the way of a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'part of the path is not a folder',
  ENOSPC: 'no space left',
  EROFS: 'the file system is read-only',
};

/** The same failure as an error of this package. */
function fileError(path: string, action: string, cause: unknown): DffError {
  if (cause instanceof DffError) return cause;
  const code = (cause as NodeJS.ErrnoException).code;
  return new DffError(`${path}: cannot be ${action}, ${reasons[code ?? ''] ?? String(code ?? cause)}`, {
    cause,
  });
}

async function readFully(
  handle: FileHandle,
  offset: number,
  length: number,
  path: string,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, 1 << 30), offset + done);
    if (bytesRead === 0) throw new FormatError(`${path}: ended at byte ${offset + done} while being read`);
    done += bytesRead;
  }
  return bytes;
}

function readAtOnce(descriptor: number, offset: number, length: number, path: string): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const bytesRead = readSync(descriptor, bytes, done, Math.min(length - done, 1 << 30), offset + done);
    if (bytesRead === 0) throw new FormatError(`${path}: ended at byte ${offset + done} while being read`);
    done += bytesRead;
  }
  return bytes;
}

/**
 * Opens a file for reading by position. Nothing is loaded yet.
 *
 * @throws DffError when it does not exist, is a folder or may not be read
 * @example await using file = await openFile('rfcn_dff_flownet_vid-0000.params');
 */
export async function openFile(path: string): Promise<ByteSource & AsyncDisposable> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const status = await handle.stat();
    if (!status.isFile()) throw new DffError(`${path}: cannot be read, it is not a file`);
    return fileSource(handle, status.size, path);
  } catch (error) {
    await handle?.close();
    throw fileError(path, 'opened', error);
  }
}

function fileSource(handle: FileHandle, size: number, path: string): ByteSource & AsyncDisposable {
  const source = {
    size,
    name: basename(path),
    async read(offset: number, length: number): Promise<Uint8Array> {
      checkRange(source, offset, length);
      try {
        return await readFully(handle, offset, length, path);
      } catch (error) {
        throw fileError(path, 'read', error);
      }
    },
    readNow(offset: number, length: number): Uint8Array {
      checkRange(source, offset, length);
      try {
        return readAtOnce(handle.fd, offset, length, path);
      } catch (error) {
        throw fileError(path, 'read', error);
      }
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
  return source;
}

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, Math.min(bytes.length - done, 1 << 30));
    done += bytesWritten;
  }
}

/**
 * Writes a file that appears under its name only when it is complete: into a temporary sibling, synced to the disk,
 * then renamed. Missing folders on the way are made. After a failure the sibling is gone and what was under the name
 * before is untouched. A symbolic link stays one: the file that it points to is the one replaced.
 *
 * @returns what `write` returned
 * @throws DffError when the path is a folder or a device, when the disk refuses, and whatever `write` throws
 */
export async function writeAtomically<T>(path: string, write: (sink: ByteSink) => Promise<T>): Promise<T> {
  // Renaming onto a folder fails, but only after all the work; onto a device or a pipe it succeeds, and removes it.
  const present = await stat(path).catch(() => undefined);
  if (present && !present.isFile()) {
    const what = present.isDirectory() ? 'it is a folder' : 'it is not a file';
    throw new DffError(`${path}: cannot be written, ${what}`);
  }
  const target = present ? await realpath(path) : path;
  const temporary = `${target}.${randomBytes(6).toString('hex')}.partial`;
  let handle: FileHandle;
  try {
    await mkdir(dirname(target), { recursive: true });
    handle = await open(temporary, 'wx');
  } catch (error) {
    throw fileError(path, 'written', error);
  }
  const attempt = async (action: () => Promise<void>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      throw fileError(path, 'written', error);
    }
  };
  try {
    let result: T;
    try {
      result = await write({ write: (bytes) => attempt(() => writeFully(handle, bytes)) });
      await attempt(() => handle.sync());
    } finally {
      await handle.close();
    }
    await attempt(() => rename(temporary, target));
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
