import { createHash } from 'node:crypto';
import { linkSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSafetensors, tensor } from '../../src/tensor/index.ts';
import { hasShared, shared } from '../shared.ts';
import {
  changedCheckpoint,
  contents,
  dff,
  emptyFolder,
  fails,
  fileWith,
  narrowCheckpoint,
  succeeds,
} from './kit.ts';

describe.skipIf(!hasShared)('dff convert', () => {
  test('tells what it recognised, what became of the box layer, sizes and hash', async () => {
    const target = join(emptyFolder(), 'model.safetensors');
    const report = await succeeds(['convert', narrowCheckpoint, target]);
    expect(report).toContain('Deep Feature Flow, ResNet-101, FlowNet Simple, 31 classes');
    expect(report).toContain('the arrays with _test took the plain names');
    expect(report).toContain(createHash('sha256').update(readFileSync(narrowCheckpoint)).digest('hex'));
    expect(report).toContain('1.99 MB');
    expect(readSafetensors(readFileSync(target)).size).toBe(580);
  });

  test('tells the same as data', async () => {
    const folder = emptyFolder();
    const target = join(folder, 'model.safetensors');
    const data: unknown = JSON.parse(
      await succeeds(['convert', narrowCheckpoint, target, '--json', '--network', 'dff']),
    );
    expect(data).toMatchObject({
      source: narrowCheckpoint,
      target,
      sourceBytes: readFileSync(narrowCheckpoint).length,
      targetBytes: readFileSync(target).length,
      tensors: 580,
      family: 'dff',
      boxWeights: 'test',
      configuration: { depth: 101, widthDivisor: 16 },
    });
    expect(contents(folder)).toEqual(['model.safetensors']);
  });

  test('--generic takes any parameters as they are', async () => {
    const target = join(emptyFolder(), 'mlp.safetensors');
    const source = shared('fixtures/params/d2l_mlp.params');
    expect(await succeeds(['convert', source, target, '--generic'])).toContain('4, 7946 numbers');
    expect(readSafetensors(readFileSync(target)).size).toBe(4);
  });

  test.each([
    [
      'of another kind',
      () => shared('fixtures/params/d2l_mlp.params'),
      'neither Deep Feature Flow nor Frame R-FCN',
    ],
    [
      'cut off',
      () => fileWith(readFileSync(narrowCheckpoint).subarray(0, 1_000_000), 'cut.params'),
      'the file is cut off',
    ],
    [
      'of a wrong magic number',
      () => fileWith(Uint8Array.of(0x13, 1, 0, 0, 0, 0, 0, 0, 0, 0), 'x.params'),
      'neither an MXNet parameter file nor safetensors',
    ],
    [
      'of more arrays than bytes',
      () =>
        fileWith(
          Uint8Array.of(0x12, 1, ...Array<number>(14).fill(0), ...Array<number>(8).fill(0x7f)),
          'many.params',
        ),
      'arrays cannot be in the 0 bytes',
    ],
    ['empty', () => fileWith('', 'empty.params'), 'neither an MXNet parameter file'],
    ['missing', () => '/no/such.params', 'no such file or folder'],
    ['a folder', () => emptyFolder(), 'not a file'],
  ])('a checkpoint that is %s is refused and nothing is written', async (_, source, message) => {
    const out = emptyFolder();
    expect(await fails(['convert', source(), join(out, 'model.safetensors')])).toContain(message);
    expect(contents(out)).toEqual([]);
  });

  test('a checkpoint is not written over, under whatever name', async () => {
    const checkpoint = fileWith(readFileSync(narrowCheckpoint), 'narrow.params');
    const link = join(emptyFolder(), 'link.params');
    linkSync(checkpoint, link);
    expect(await fails(['convert', link, checkpoint], 2)).toContain('is both read, as ');
    expect(readFileSync(checkpoint).equals(readFileSync(narrowCheckpoint))).toBe(true);
  });

  test('a missing and a misshapen parameter are named', async () => {
    const out = emptyFolder();
    const bytes = await changedCheckpoint((name, value) => {
      if (name === 'arg:flow_conv1_bias') return undefined;
      return name === 'arg:rfcn_cls_bias' ? tensor([3], [1, 2, 3]) : value;
    });
    const line = await fails(['convert', fileWith(bytes, 'odd.params'), join(out, 'm.safetensors')]);
    expect(line).toContain('1 missing: flow_conv1_bias');
    expect(line).toContain('1 of another shape: rfcn_cls_bias (got 3, expected 1519)');
    expect(contents(out)).toEqual([]);
  });

  test('a checkpoint of the other family is refused where one is asked for', async () => {
    const out = emptyFolder();
    const line = await fails(['convert', narrowCheckpoint, join(out, 'm'), '--network', 'frame']);
    expect(line).toContain('does not fit Frame R-FCN');
    expect(contents(out)).toEqual([]);
  });

  test('a target that cannot be written is named', async () => {
    const [folder, file] = [emptyFolder(), fileWith('', 'file')];
    expect(await fails(['convert', narrowCheckpoint, folder])).toContain('cannot be written, it is a folder');
    expect(await fails(['convert', narrowCheckpoint, join(file, 'm')])).toContain('a file is in the way');
    expect(await fails(['convert', file, file], 2)).toContain('both source and target');
  });

  test('a failed conversion leaves an older target as it was', async () => {
    const target = fileWith('older', 'm.safetensors');
    await fails(['convert', shared('fixtures/params/d2l_mlp.params'), target]);
    expect(readFileSync(target, 'utf8')).toBe('older');
  });

  test('--debug shows where in the code it happened', async () => {
    const { code, stderr } = await dff(['convert', '/no/such.params', 'm', '--debug']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^dff: [^\n]+\nDffError: [^\n]+\n +at /);
  });
});

test('--network and --generic are checked', async () => {
  expect(await fails(['convert', 'a', 'b', '--network', 'ssd'], 2)).toContain(
    '--network is ssd, expected dff or frame',
  );
  expect(await fails(['convert', 'a', 'b', '--network', 'dff', '--generic'], 2)).toContain(
    'exclude each other',
  );
});
