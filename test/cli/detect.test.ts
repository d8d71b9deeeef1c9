/** `dff detect` on real frames, against detections computed by MXNet. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeImage } from '../../src/data/index.ts';
import { imageNames, spread } from '../../src/cli/detect/render-output.ts';
import { compare, readSafetensors } from '../../src/tensor/index.ts';
import { caseGolden, caseTensors, detectionsGoldens } from '../dff/goldens.ts';
import { hasShared } from '../shared.ts';
import {
  contents,
  dff,
  emptyFolder,
  fails,
  folderOfFrames,
  narrowCheckpoint,
  narrowFrameCheckpoint,
  succeeds,
  video,
} from './kit.ts';

interface Written {
  readonly model: { readonly file: string; readonly family: string };
  readonly settings: Readonly<Record<string, unknown>>;
  readonly frames: readonly {
    readonly index: number;
    readonly source: string;
    readonly isKey: boolean;
    readonly detections: readonly {
      readonly label: number;
      readonly name: string;
      readonly score: number;
      readonly box: readonly number[];
    }[];
    readonly milliseconds: Readonly<Record<string, number>>;
  }[];
}

const small = ['--short-side', '150', '--long-side', '250'];
const readJson = (path: string): Written => JSON.parse(readFileSync(path, 'utf8')) as Written;

/** The same detections in the same order, within the golden's tolerance. */
function expectGolden({ frames }: Written, name: string): void {
  const { tolerances } = caseGolden(name);
  const stored = detectionsGoldens(name);
  frames.forEach(({ detections }, k) => {
    const { demo } = stored[k]!;
    expect(detections.map(({ label }) => label)).toEqual(demo.map(([label]) => label));
    detections.forEach(({ score, box }, i) => {
      const [, goldenScore, ...goldenBox] = demo[i]!;
      expect(Math.abs(score - goldenScore)).toBeLessThanOrEqual(tolerances.detectionScore);
      for (let side = 0; side < 4; side++) {
        expect(Math.abs(box[side]! - goldenBox[side]!)).toBeLessThanOrEqual(tolerances.detectionBoxPixels);
      }
    });
  });
}

describe.skipIf(!hasShared)('with the narrow networks', () => {
  const folder = emptyFolder();
  const model = join(folder, 'narrow.safetensors');
  beforeAll(() => succeeds(['convert', narrowCheckpoint, model]));

  test('the backend gpu in mode webasm gives the detections of the official code too', async () => {
    const json = join(emptyFolder(), 'out.json');
    const args = ['detect', video, '--model', model, ...small, '--max-frames', '2', '--json', json];
    await succeeds([...args, '--quiet', '--backend', 'gpu', '--mode', 'webasm']);
    const written = readJson(json);
    expect(written.settings).toMatchObject({ backend: 'gpu', mode: 'webasm' });
    expect(written.frames.map(({ isKey }) => isKey)).toEqual([true, false]);
    expectGolden(written, 'small');
  });

  test('three frames give the detections of the official code, drawn frames, a contact sheet and inner values', async () => {
    const out = emptyFolder();
    const [json, render, values] = ['out.json', 'drawn', 'values.safetensors'].map((name) => join(out, name));
    const { code, stdout, stderr } = await dff([
      'detect',
      video,
      '--model',
      model,
      ...small,
      '--max-frames',
      '3',
      '--json',
      json!,
      '--render',
      render!,
      '--dump',
      '_mulscalar0_output,cls_prob_reshape_output',
      '--dump-to',
      values!,
    ]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr });
    expect(stderr.split('\n').filter((line) => line.startsWith('frame '))).toHaveLength(3);
    expect(contents(out)).toEqual(['drawn', 'out.json', 'values.safetensors']);

    const written = readJson(json!);
    expect(written.frames.map(({ index, source, isKey }) => [index, source, isKey])).toEqual([
      [0, '000000.JPEG', true],
      [1, '000001.JPEG', false],
      [2, '000002.JPEG', false],
    ]);
    expect(written.model).toMatchObject({ file: 'narrow.safetensors', family: 'dff' });
    expect(written.settings).toMatchObject({ keyInterval: 10, shortSide: 150, scoreThreshold: 0.7 });
    expect(Object.keys(written.frames[0]!.milliseconds)).toEqual([
      'decode',
      'preprocess',
      'network',
      'postprocess',
      'total',
    ]);
    expectGolden(written, 'small');

    expect(contents(render!)).toEqual(['000000.JPEG', '000001.JPEG', '000002.JPEG', 'contact-sheet.png']);
    const drawn = await decodeImage(readFileSync(join(render!, '000001.JPEG')));
    const original = await decodeImage(readFileSync(join(video, '000001.JPEG')));
    expect([drawn.width, drawn.height]).toEqual([original.width, original.height]);
    const changed = drawn.data.filter((sample, i) => Math.abs(sample - original.data[i]!) > 60).length;
    expect(changed).toBeGreaterThan(1000);
    const sheet = await decodeImage(readFileSync(join(render!, 'contact-sheet.png')));
    expect(sheet.width).toBe(12 + 3 * (320 + 12));

    const dumped = readSafetensors(new Uint8Array(readFileSync(values!)));
    expect([...dumped.keys()]).toEqual([
      'frame000000/cls_prob_reshape_output',
      'frame000001/_mulscalar0_output',
      'frame000001/cls_prob_reshape_output',
      'frame000002/_mulscalar0_output',
      'frame000002/cls_prob_reshape_output',
    ]);
    const golden = caseTensors('small');
    const misses = Array.from(dumped, ([name, value]) => {
      const { misses } = compare(value, golden.get(name)!, { absolute: 1e-4, relative: 1e-5 });
      return [name, misses];
    });
    expect(misses.filter(([, count]) => count !== 0)).toEqual([]);
  });

  test('without --json, detections are lines on stdout', async () => {
    const frames = ['000000.JPEG', '000001.JPEG'].map((name) => join(video, name));
    const lines = (await succeeds(['detect', ...frames, '--model', model, ...small, '--quiet'])).split('\n');
    expect(lines[0]).toBe('#frame\tsource\tkind\tclass\tscore\tx1\ty1\tx2\ty2');
    expect(lines[1]).toMatch(/^0\t000000\.JPEG\tkey\tgiant_panda\t0\.9690\t1273\.56\t/);
    expect(lines.filter((line) => line.startsWith('1\t000001.JPEG\tcurrent\t'))).toHaveLength(6);
  });

  test('the flags reach the detector', async () => {
    const json = join(emptyFolder(), 'out.json');
    const flags = ['--key-interval', '1', '--score', '0.05', '--nms', '0.9'];
    await succeeds([
      'detect',
      video,
      '--model',
      model,
      ...small,
      '--max-frames',
      '2',
      '--json',
      json,
      ...flags,
    ]);
    const { frames, settings } = readJson(json);
    expect(settings).toMatchObject({ keyInterval: 1, scoreThreshold: 0.05, nmsThreshold: 0.9 });
    expect(frames.map(({ isKey }) => isKey)).toEqual([true, true]);
    expect(frames[0]!.detections.length).toBeGreaterThan(100);
  });

  test('a Frame R-FCN model runs every frame by itself', async () => {
    const json = join(emptyFolder(), 'out.json');
    const args = ['--model', narrowFrameCheckpoint, ...small, '--max-frames', '2', '--json', json];
    await succeeds(['detect', video, ...args]);
    const written = readJson(json);
    expect(written.model.family).toBe('frame');
    expect(written.frames.map(({ isKey }) => isKey)).toEqual([true, true]);
    expectGolden(written, 'frame');
  });

  test('each folder is a video of its own, numbered on, and names that occur twice are told apart', async () => {
    const [first, second] = [
      await folderOfFrames([
        [80, 60],
        [80, 60],
      ]),
      await folderOfFrames([[64, 64]]),
    ];
    const out = emptyFolder();
    const [json, render] = [join(out, 'out.json'), join(out, 'drawn')];
    const args = ['--model', model, '--short-side', '64', '--long-side', '90', '--quiet'];
    await succeeds(['detect', first, second, ...args, '--json', json, '--render', render]);
    const { frames } = readJson(json);
    expect(frames.map(({ index, isKey }) => [index, isKey])).toEqual([
      [0, true],
      [1, false],
      [2, true],
    ]);
    expect(frames.map(({ source }) => source)).toEqual([
      join(first, '0.png'),
      join(first, '1.png'),
      join(second, '0.png'),
    ]);
    expect(contents(render)).toEqual(['000000-0.png', '000001-1.png', '000002-0.png', 'contact-sheet.png']);
  });

  test('a name that no graph has is refused with similar ones, before anything is written', async () => {
    const out = emptyFolder();
    const dump = ['--dump', 'warping_feat_outputs', '--dump-to', join(out, 'v.safetensors')];
    const outputs = ['--json', join(out, 'o.json'), '--render', join(out, 'drawn')];
    const line = await fails(['detect', video, '--model', model, ...small, ...dump, ...outputs]);
    expect(line).toContain('no value called warping_feat_outputs; there is warping_feat_output');
    expect(contents(out)).toEqual([]);
  });

  test('an interrupt ends with 130 and leaves no unfinished file', async () => {
    const out = emptyFolder();
    const outputs = [
      '--json',
      join(out, 'o.json'),
      '--dump',
      'conv1_output',
      '--dump-to',
      join(out, 'v.safetensors'),
    ];
    const args = ['detect', video, '--model', narrowCheckpoint, ...small, '--key-interval', '1', ...outputs];
    const { code, stderr } = await dff(args, { interruptAt: /frame \d+ of 60/ });
    expect([code, stderr.split('\n').at(-2)]).toEqual([
      130,
      'dff: interrupted; unfinished files were removed',
    ]);
    expect(contents(out)).toEqual([]);
  });

  test('a frame that cannot be decoded ends the run; whole images stay, files of the whole run do not', async () => {
    const frames = await folderOfFrames([
      [80, 60],
      [80, 60],
    ]);
    const damaged = new Uint8Array(readFileSync(join(frames, '1.png')));
    damaged[damaged.length - 20]! ^= 0xff; // the header, which is read before the run, is as it was
    writeFileSync(join(frames, '1.png'), damaged);
    const out = emptyFolder();
    const args = ['--short-side', '64', '--long-side', '90', '--quiet', '--json', join(out, 'o.json')];
    const line = await fails(['detect', frames, '--model', model, ...args, '--render', join(out, 'drawn')]);
    expect(line).toContain('1.png: damaged PNG');
    expect(contents(out)).toEqual(['drawn']);
    expect(contents(join(out, 'drawn'))).toEqual(['0.png']);
  });

  test('a frame is not written over', async () => {
    const frames = await folderOfFrames([
      [80, 60],
      [80, 60],
    ]);
    const last = join(frames, '1.png');
    const before = readFileSync(last);
    for (const most of ['1', '2']) {
      const args = ['--model', model, '--max-frames', most, '--json', last];
      const line = await fails(['detect', frames, ...args], 2);
      expect(line).toContain('1.png: is both read and written; give the output another name');
    }
    expect(readFileSync(last).equals(before)).toBe(true);
  });

  test('the folder of the frames is not drawn into', async () => {
    const frames = await folderOfFrames([[80, 60]]);
    const args = ['--model', model, '--render', frames];
    const line = await fails(['detect', frames, ...args, '--json', join(emptyFolder(), 'o.json')]);
    expect(line).toContain('would be overwritten; name another one');
    expect(contents(frames)).toEqual(['0.png']);
  });
});

test('drawn frames keep their names where these differ and say their format', () => {
  expect(imageNames(['a/0.JPEG', 'a/1.png'])).toEqual(['0.JPEG', '1.png']);
  expect(imageNames(['a/0.bin'])).toEqual(['0.bin.png']);
  expect(imageNames(['a/0.png', 'b/0.png'])).toEqual(['000000-0.png', '000001-0.png']);
  expect(imageNames(['a/0.png', 'a/0.PNG'])).toEqual(['000000-0.png', '000001-0.PNG']);
  expect(imageNames(['a/contact-sheet.png'])).toEqual(['000000-contact-sheet.png']);
});

test('a contact sheet has all frames of a short video, and of a long one some at equal distances', () => {
  expect([...spread(3, 40)]).toEqual([0, 1, 2]);
  expect([...spread(100, 4)]).toEqual([0, 25, 50, 75]);
  expect(spread(41, 40).size).toBe(40);
});
