/** The command as a whole: help, dispatch, failures, doctor. */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../src/cli/failure.ts';
import { withInterrupts } from '../../src/cli/interrupt.ts';
import { columns, formatBytes, wrap } from '../../src/cli/table.ts';
import { DffError } from '../../src/tensor/index.ts';
import { hasShared } from '../shared.ts';
import {
  changedCheckpoint,
  contents,
  dff,
  emptyFolder,
  fails,
  fileWith,
  folderOfFrames,
  narrowCheckpoint,
  succeeds,
  video,
} from './kit.ts';

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await succeeds(['--version'])).toBe(`${version}\n`);
});

test('help goes to stdout, and every command has one with examples', async () => {
  const help = await succeeds(['--help']);
  for (const name of ['convert', 'inspect', 'detect', 'export', 'bench', 'doctor']) {
    expect(help).toContain(`  ${name}`);
    const own = await succeeds([name, '--help']);
    expect(own).toMatch(new RegExp(`^Usage: dff ${name}`));
    expect(own).toMatch(new RegExp(`Examples:\n  # .*\n  dff ${name}`));
  }
});

test('without a command the help goes to stderr, with the exit code of a wrong command line', async () => {
  const { code, stdout, stderr } = await dff([]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('Usage: dff COMMAND');
});

test.each([
  [['detct'], 'unknown command detct; did you mean detect?'],
  [['paint'], 'unknown command paint; there is convert, inspect, detect, export, bench, doctor'],
  [['--verzion'], 'unknown option --verzion; did you mean --version?'],
  [
    ['detect', 'x', '--model', 'm', '--keyinterval', '3'],
    'unknown option --keyinterval; did you mean --key-interval?',
  ],
  [['detect', 'x'], '--model is missing, --model MODEL.safetensors'],
  [['detect', '--model', 'm'], 'FRAMES is missing'],
  [['detect', 'x', '--model', 'm', '--score', '2'], '--score is 2, expected a number from 0 to 1'],
  [
    ['detect', 'x', '--model', 'm', '--short-side', '1200'],
    '--long-side is 1000, expected at least --short-side',
  ],
  [['detect', 'x', '--model', 'm', '--dump', 'a'], '--dump needs --dump-to'],
  [['detect', 'x', '--model', 'm', '--dump-to', 'a'], '--dump-to needs --dump'],
  [['detect', 'x', '--model', 'm', '--json', './m'], 'is named twice'],
  [['detect', 'x', '--model', 'm', '--backend', 'abacus'], '--backend is abacus, expected reference'],
  [['detect', 'x', '--model', 'm', '--mode', 'cpu'], '--mode is of --backend gpu, not of wasm'],
  [
    ['detect', 'x', '--model', 'm', '--backend', 'gpu', '--mode', 'metal'],
    '--mode is metal, expected webgpu or webgl2 or webasm or cpu or best',
  ],
  [['detect', 'x', '--model', 'm', '--json', 'a', '--json', 'b'], '--json is given twice'],
  [['inspect', 'a', 'b'], 'unexpected argument b'],
  [['bench', '--intervals', '5,0'], '--intervals has 0, expected whole numbers of at least 1'],
  [['bench', '--width-divisor', '3'], '--width-divisor is 3, expected a divisor of 64'],
  [['bench', 'm', '--width-divisor', '2'], '--width-divisor is of random weights'],
  [['bench', 'm', 'n'], 'unexpected argument n'],
])('%j is a wrong command line', async (args, message) => {
  expect(await fails(args, 2)).toContain(message);
});

describe.skipIf(!hasShared)('dff detect refuses before it runs', () => {
  const frames = (): Promise<string> =>
    folderOfFrames([
      [80, 60],
      [80, 60],
    ]);
  const cut = (): Uint8Array => readFileSync(join(video, '000000.JPEG')).subarray(0, 9000);

  test.each<[string, () => Promise<string> | string, readonly string[], string]>([
    ['frames that do not exist', () => '/no/such', [], '/no/such: no such file or folder'],
    ['a device', () => '/dev/null', [], '/dev/null: neither a file nor a folder'],
    ['a folder without images', emptyFolder, [], 'no .jpg, .jpeg or .png files'],
    ['an empty image', () => fileWith('', '0.png'), [], '0.png: the file is empty'],
    ['a cut off JPEG', () => fileWith(cut(), '0.jpg'), [], '0.jpg: truncated JPEG'],
    ['a text in place of an image', () => fileWith('hello', '0.jpg'), [], '0.jpg: neither JPEG nor PNG'],
    [
      'images of another size mid-video',
      () =>
        folderOfFrames([
          [80, 60],
          [80, 60],
          [60, 80],
        ]),
      [],
      '2.png: the frame is 60x80, those before it are 80x60',
    ],
    [
      'images too thin for the network',
      () => folderOfFrames([[80, 2]]),
      [],
      '0.png: the frame is 80x2, resized 1000x25, expected at least 33x33',
    ],
    [
      'a model that does not exist',
      frames,
      ['--model', '/no/model'],
      '/no/model: cannot be opened, no such file or folder',
    ],
    [
      'a model that is none',
      frames,
      ['--model', join(video, '000000.JPEG')],
      'neither an MXNet parameter file nor safetensors',
    ],
    [
      'a target below a file',
      frames,
      ['--json', join(fileWith('', 'file'), 'o.json')],
      'file/o.json: cannot be written, a file is in the way of a folder',
    ],
    ['a target that is a folder', frames, ['--json', emptyFolder()], 'cannot be written, it is a folder'],
    [
      'a folder to draw into that is a file',
      frames,
      ['--render', fileWith('', 'file')],
      'something of that name exists already',
    ],
  ])('%s', async (_, path, args, message) => {
    const out = emptyFolder();
    const usual = [
      ['--model', narrowCheckpoint],
      ['--json', join(out, 'o.json')],
    ].filter(([name = '']) => !args.includes(name));
    const line = await fails(['detect', await path(), ...usual.flat(), ...args]);
    expect(line).toContain(message);
    expect(contents(out)).toEqual([]);
  });

  test('a model without one of its parameters', async () => {
    const bytes = await changedCheckpoint((name, value) => (name === 'arg:conv5_bias' ? undefined : value));
    const args = ['--model', fileWith(bytes, 'odd.params'), '--json', join(emptyFolder(), 'o.json')];
    const line = await fails(['detect', await frames(), ...args]);
    expect(line).toContain('1 missing: conv5_bias');
  });
});

test.skipIf(process.platform !== 'linux')('a full disk behind stdout is one line', async () => {
  const out = openSync('/dev/full', 'w');
  try {
    const { code, stderr } = await dff(['--help'], { stdout: out });
    expect([code, stderr]).toEqual([1, 'dff: stdout: no space left on the disk\n']);
  } finally {
    closeSync(out);
  }
});

test('doctor finds everything that dff needs, and lists it as data', async () => {
  const data = JSON.parse(await succeeds(['doctor', '--json'])) as {
    works: boolean;
    parts: { part: string; ok: boolean }[];
  };
  expect(data.works).toBe(true);
  const working = data.parts.filter(({ ok }) => ok).map(({ part }) => part);
  expect(working).toEqual(
    expect.arrayContaining([
      'Node',
      'cores',
      'backend reference',
      'backend wasm',
      'backend gpu, mode webasm',
      'backend gpu, mode cpu',
      'JPEG',
      'PNG',
      'ndarray views',
    ]),
  );
  const browsersOnly = data.parts.filter(({ part }) => /mode webg/.test(part));
  expect(browsersOnly.map(({ ok }) => ok)).toEqual([false, false]);
  expect(await succeeds(['doctor'])).toContain('Everything that dff needs works.');
});

test('a mode that needs a browser is refused in one line', async () => {
  const line = await fails(['detect', 'x', '--model', 'm', '--backend', 'gpu', '--mode', 'webgl2']);
  expect(line).toBe('dff: backend gpu: mode webgl2 is not available here: no OffscreenCanvas\n');
});

test('doctor finds out when code may not be compiled, which only views need', async () => {
  const { code, stdout } = await dff(['doctor'], { node: ['--disallow-code-generation-from-strings'] });
  expect(stdout).toMatch(/^ndarray views +no, optional +new Function is forbidden/m);
  expect(code).toBe(0);
});

test('failures become one line: those of users with 1 or 2, those of the program with a hint', () => {
  const failure = (error: unknown): string => describeFailure(error).message;
  expect(describeFailure(new DffError('a\nb\u001b[2J'))).toEqual({
    message: 'a\\u000ab\\u001b[2J',
    exitCode: 1,
  });
  expect(failure(Object.assign(new Error('x'), { code: 'ENOSPC', path: 'o.json' }))).toBe(
    'o.json: no space left on the disk',
  );
  expect(failure(new RangeError('Array buffer allocation failed'))).toMatch(/^out of memory/);
  expect(failure(new TypeError('x is undefined'))).toMatch(
    /^TypeError: x is undefined; this is a fault of dff/,
  );
  expect(failure('thrown text')).toMatch(/^thrown text;/);
  expect(failure(undefined)).toMatch(/^undefined;/);
});

test('tables align, wrap and tell bytes in powers of ten', () => {
  expect(
    columns([
      ['a', 'bb'],
      ['ccc', 'd'],
    ]),
  ).toEqual(['a    bb', 'ccc  d']);
  expect(columns([['a', 'one two three']], { indent: 1, width: 12 })).toEqual([' a  one two', '    three']);
  expect(wrap('aaa bbb', 3)).toEqual(['aaa', 'bbb']);
  expect([999, 1000, 1_989_667, 406_297_747].map(formatBytes)).toEqual([
    '999 bytes',
    '1.00 kB',
    '1.99 MB',
    '406 MB',
  ]);
});

test('an interrupt cancels the work, waits for it to clean up, and leaves no listener behind', async () => {
  const before = process.listenerCount('SIGINT');
  let cleaned = false;
  const work = withInterrupts(async (signal) => {
    process.emit('SIGINT', 'SIGINT');
    await Promise.resolve();
    cleaned = true;
    signal.throwIfAborted();
  });
  await expect(work).rejects.toMatchObject({ name: 'Interrupted', exitCode: 130 });
  expect(cleaned).toBe(true);
  expect(process.listenerCount('SIGINT')).toBe(before);
  expect(await withInterrupts(() => Promise.resolve(7))).toBe(7);
  await expect(withInterrupts(() => Promise.reject(new DffError('x')))).rejects.toThrow('x');
});
