/** The check of goldens, checked: a copy of a golden in which something was changed must miss, and only there. */
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { encodeSafetensors, readSafetensors, type Tensor } from '../../src/tensor/index.ts';
import { hasShared, shared } from '../shared.ts';
import { checkFolder } from './check-folder.ts';
import type { StoredDetections, StoredFrame } from './detections.ts';
import type { Manifest } from './manifest.ts';
import type { GoldenRow } from './rows.ts';

type Changing<T> = { -readonly [K in keyof T]: T[K] };

/** What is stored for one frame, to be changed in place. */
interface Stored {
  /** A stored array's numbers, by MXNet's name of the value. */
  readonly of: (name: string) => Tensor['data'];
  readonly frame: Changing<StoredFrame>;
}

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'changed-goldens-'));
  folders.push(folder);
  return folder;
}

/** A golden of a small image, where every decision was clear. */
const clear = { name: 'frame', number: 0 } as const;
/** A golden of a large image, where two neighbouring regions had scores as good as equal. */
const close = { name: 'full', number: 5 } as const;

/** Checks a copy of a golden of one frame, after a change. */
async function check(
  change: (stored: Stored) => void,
  { name, number }: { readonly name: string; readonly number: number } = clear,
): Promise<GoldenRow[]> {
  const source = shared('goldens/networks/narrow');
  const folder = await newFolder();
  const json = async (file: string): Promise<unknown> =>
    JSON.parse(await readFile(join(source, file), 'utf8'));
  const { configuration, cases } = (await json('manifest.json')) as Manifest;
  const golden = cases.find((entry) => entry.name === name)!;
  const call = golden.calls.find(({ frames }) => frames[0] === number)!;
  const tensors = readSafetensors(await readFile(join(source, golden.file)));
  const { frames } = (await json(golden.detections)) as StoredDetections;
  const frame = structuredClone(frames.find((entry) => entry.frame === number)!);
  change({ of: (value) => tensors.get(call.tensors + value)!.data, frame });
  const write = (file: string, what: unknown): Promise<void> =>
    writeFile(join(folder, file), JSON.stringify(what));
  await write('manifest.json', { configuration, cases: [{ ...golden, calls: [call] }] });
  await write(golden.detections, { frames: [frame] });
  await writeFile(join(folder, golden.file), encodeSafetensors(tensors));
  for (const kept of [golden.checkpoint, 'images-150x250', 'images-600x1000']) {
    await symlink(join(source, kept), join(folder, kept));
  }
  return checkFolder(folder, { frames: folder });
}

const missed = (rows: readonly GoldenRow[]): string[] =>
  rows.filter(({ pass }) => !pass).map(({ name }) => name.split('/').at(-1)!);

/** Exchanges what is stored of two regions, as if MXNet had found them in the other order. */
function exchange({ of, frame }: Stored, a: number, b: number): void {
  for (const [name, columns] of Object.entries({
    rois_output: 5,
    cls_score_reshape_output: 31,
    cls_prob_reshape_output: 31,
    bbox_pred_reshape_output: 8,
  })) {
    const data = of(name);
    const first = data.slice(a * columns, (a + 1) * columns);
    data.copyWithin(a * columns, b * columns, (b + 1) * columns);
    data.set(first, b * columns);
  }
  for (const rule of ['demo', 'evaluation'] as const) {
    const rename = (row: number): number => (row === a ? b : row === b ? a : row);
    frame[rule] = frame[rule].map((d) => d.with(6, rename(d[6])) as unknown as typeof d);
  }
}

describe.runIf(hasShared)('a golden network in which was changed', () => {
  test('nothing, is met', async () => {
    expect(missed(await check(() => {}))).toEqual([]);
  });

  test('a number, misses there', async () => {
    const rows = await check(({ of }) => void (of('cls_prob_reshape_output')[40]! += 1e-3));
    expect(missed(rows)).toEqual(['cls_prob_reshape_output']);
  });

  test('the score or the region of a detection, misses there', async () => {
    const rows = await check(({ frame }) => {
      frame.demo = frame.demo.map((d, k) => (k === 3 ? (d.with(1, d[1] - 1e-3) as unknown as typeof d) : d));
      frame.evaluation = frame.evaluation.slice(1);
    });
    expect(missed(rows)).toEqual(['detections demo', 'detections evaluation']);
  });

  test('the order of two regions of nearly equal score, is met', async () => {
    const rows = await check((stored) => {
      const [row] = stored.frame.unstableOrder;
      exchange(stored, row!, row! + 1);
    }, close);
    expect(missed(rows)).toEqual([]);
    const regions = rows.find(({ name }) => name.endsWith('rois_output'))!;
    expect(regions.note).toMatch('another choice within the noise');
  });

  test('the order of two regions, misses', async () => {
    const misses = missed(await check((stored) => exchange(stored, 10, 11)));
    expect(misses).toContain('rois_output');
    expect(misses).toContain('detections evaluation');
  });

  test('the order of two regions and what is said of it, misses where scores differ by more than noise', async () => {
    const rows = await check((stored) => {
      exchange(stored, 10, 20);
      stored.frame.unstableOrder = Array.from({ length: 20 }, (_, row) => row);
    });
    expect(missed(rows)).toEqual(['rois_output']);
    expect(rows.find(({ pass }) => !pass)!.note).toMatch('stands before box');
  });

  test('one region to another box, misses', async () => {
    expect(missed(await check(({ of }) => void (of('rois_output')[5 * 7 + 1]! += 3)))).toContain(
      'rois_output',
    );
  });
});

describe.runIf(hasShared)('a golden training step in which was changed', () => {
  test('a gradient, misses there', async () => {
    const source = shared('goldens/networks/narrow');
    const folder = await newFolder();
    const manifest = JSON.parse(await readFile(join(source, 'train/manifest.json'), 'utf8')) as {
      readonly steps: readonly {
        readonly file: string;
        readonly images: readonly { readonly file: string }[];
      }[];
    };
    const step = manifest.steps[1]!;
    const tensors = readSafetensors(await readFile(join(source, 'train', step.file)));
    const changed = tensors.get('grad/res4b3_branch2b_weight')!;
    tensors.set('grad/res4b3_branch2b_weight', { ...changed, data: changed.data.map((x) => 1.001 * x) });
    const part = { ...manifest, steps: [step], checkpoint: join('..', 'narrow-0000.params') };
    await mkdir(join(folder, 'train'));
    await writeFile(join(folder, 'train/manifest.json'), JSON.stringify(part));
    await writeFile(join(folder, 'train', step.file), encodeSafetensors(tensors));
    for (const name of ['narrow-0000.params', ...step.images.map(({ file }) => join('train', file))]) {
      await cp(join(source, name), join(folder, name));
    }
    const rows = await checkFolder(join(folder, 'train'), { frames: undefined });
    expect(missed(rows)).toEqual(Array(2).fill('gradient res4b3_branch2b_weight'));
  });
});

describe.runIf(hasShared)('golden operators in which was changed', () => {
  test('a number or a gradient, miss there', async () => {
    const folder = await newFolder();
    await cp(shared('goldens/operators'), folder, { recursive: true });
    const file = join(folder, 'relu.safetensors');
    const tensors = readSafetensors(await readFile(file));
    const [output, gradient] = ['out/', 'grad/'].map((part) =>
      [...tensors.keys()].find((name) => name.includes(part))!,
    );
    for (const name of [output!, gradient!]) tensors.get(name)!.data[0]! += 1;
    await rm(file);
    await writeFile(file, encodeSafetensors(tensors));
    const misses = (await checkFolder(folder, { frames: undefined })).filter(({ pass }) => !pass);
    expect(misses.map(({ name }) => name)).toHaveLength(2);
    expect(misses.every(({ name }) => name.startsWith('relu/'))).toBe(true);
  });
});
