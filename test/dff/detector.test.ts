import { describe, expect, test } from 'vitest';
import { type DeviceTensor, isDeviceTensor } from '../../src/backends/index.ts';
import { type Frame, image, type Image } from '../../src/data/index.ts';
import { createDetector, type DetectorOptions } from '../../src/dff/detector.ts';
import { every } from '../../src/dff/key-frames.ts';
import type { DetectionResult } from '../../src/dff/results.ts';
import { FrameError } from '../../src/tensor/errors.ts';
import { fakeBackend, type FakeBackend, fakeModel } from './fake-network.ts';

const settings = { shortSide: 10, longSide: 20 };
const images = (count: number, width = 20, height = 10): Image[] =>
  Array.from({ length: count }, () => image(width, height));

function setUp(options: Partial<DetectorOptions> = {}) {
  const backend = fakeBackend();
  return { backend, detector: createDetector({ model: fakeModel(), backend, ...settings, ...options }) };
}

async function collect(results: AsyncIterable<DetectionResult>): Promise<DetectionResult[]> {
  const list: DetectionResult[] = [];
  for await (const result of results) list.push(result);
  return list;
}

const kinds = ({ runs }: FakeBackend): string => runs.map(({ kind }) => kind[0]).join('');

describe('detect', () => {
  test('makes every n-th frame a key frame and gives results in order', async () => {
    const { backend, detector } = setUp({ keyInterval: 3 });
    const results = await collect(detector.detect(images(8)));
    expect(kinds(backend)).toBe('kcckcckc');
    expect(results.map(({ index, isKey, source }) => [index, isKey, source])).toEqual(
      'kcckcckc'.split('').map((kind, index) => [index, kind === 'k', `frame ${index}`]),
    );
    expect(backend.compiled).toEqual(['key', 'current']);
  });

  test('brings boxes to the pixels of the frame and names them', async () => {
    const { detector } = setUp({ shortSide: 5 });
    const [result] = await collect(detector.detect(images(1)));
    expect(result!.detections).toEqual([
      { label: 1, name: 'thing', score: Math.fround(0.9), box: [4, 4, 10, 8], row: 0 }, // at scale 0.5, cut at row 4
    ]);
    expect(result!.image).toEqual(image(20, 10));
  });

  test('feeds every other frame the image and feature of its key frame, which stay on the device', async () => {
    const { backend, detector } = setUp({ keyInterval: 3 });
    await collect(detector.detect(images(5)));
    const [key, second, third, , fifth] = backend.runs;
    expect(key!.keepOnDevice.toSorted()).toEqual(['data_key', 'feat_conv_3x3_relu_output']);
    expect(isDeviceTensor(second!.feeds['feat_key']!)).toBe(true);
    expect(second!.feeds['feat_key']).toBe(third!.feeds['feat_key']);
    expect(second!.feeds['data_key']).toBe(third!.feeds['data_key']);
    expect((await (fifth!.feeds['feat_key'] as DeviceTensor).read()).data[0]).toBe(4); // made by the fourth run
    expect(backend.alive.size).toBe(0);
  });

  test('holds one key frame at a time, and none when the caller leaves', async () => {
    const { backend, detector } = setUp({ keyInterval: 2 });
    for await (const { index } of detector.detect(images(9))) {
      expect(backend.alive.size).toBe(2);
      if (index === 5) break;
    }
    expect(backend.alive.size).toBe(0);
  });

  test('asks a policy about every frame but the first', async () => {
    const asked: [number, number][] = [];
    const { backend, detector } = setUp({
      policy: ({ index, sinceKey, state, data }) => {
        expect(state.keyFeature).toBeDefined();
        expect(data.shape).toEqual([1, 3, 10, 20]);
        asked.push([index, sinceKey]);
        return Promise.resolve(index === 2);
      },
    });
    await collect(detector.detect(images(5)));
    expect(kinds(backend)).toBe('kckcc');
    expect(asked).toEqual([
      [1, 1],
      [2, 2],
      [3, 1],
      [4, 2],
    ]);
  });

  test('measures its stages', async () => {
    const { detector } = setUp();
    const frame: Frame = { index: 7, source: 'x.png', image: image(20, 10), decodeMilliseconds: 5 };
    const [{ milliseconds, source, index } = expect.fail()] = await collect(detector.detect([frame]));
    expect([source, index, milliseconds.decode]).toEqual(['x.png', 7, 5]);
    const { preprocess, network, postprocess, total } = milliseconds;
    expect(Math.min(preprocess, network, postprocess)).toBeGreaterThanOrEqual(0);
    expect(total).toBeGreaterThanOrEqual(preprocess + network + postprocess - 1e-6);
  });

  test('gives back inner values by name, each frame those of its graph', async () => {
    const { detector } = setUp();
    const keep = ['warping_feat_output', 'rois_output'];
    const results = await collect(detector.detect(images(2), { keep }));
    expect(results.map(({ kept }) => Object.keys(kept))).toEqual([['rois_output'], keep]);
    const wrong = collect(detector.detect(images(2), { keep: ['warping'] }));
    await expect(wrong).rejects.toThrow('no value called warping; there is warping_feat_output');
    const text = { keep: 'warping_feat_output' as never };
    const message = 'detect: keep is "warping_feat_output", expected a list of names';
    expect(() => detector.detect(images(1), text)).toThrow(message);
    await expect(detector.detectImage(images(1)[0]!, text)).rejects.toThrow(message);
    await expect(detector.detectBatch(images(1), text)).rejects.toThrow(message);
  });

  test('refuses a frame of another size, naming it', async () => {
    const { backend, detector } = setUp();
    const seen: number[] = [];
    const walk = async () => {
      const frames = [...images(2), ...images(1, 30, 10)];
      for await (const { index } of detector.detect(frames)) seen.push(index);
    };
    await expect(walk()).rejects.toThrow('frame 2: the frame is 30x10, those before it are 20x10;');
    expect(seen).toEqual([0, 1]);
    expect(backend.alive.size).toBe(0);
  });

  test('starts again at a frame of another size when asked to', async () => {
    const { backend, detector } = setUp({ onSizeChange: 'restart' });
    await collect(detector.detect([...images(2), ...images(2, 30, 10), ...images(2)]));
    expect(kinds(backend)).toBe('kckckc');
    expect(backend.compiled.length).toBe(4); // the first size is remembered
    expect(backend.alive.size).toBe(0);
  });

  test('stops at an aborted signal with its reason', async () => {
    const { backend, detector } = setUp();
    const control = new AbortController();
    const walk = async () => {
      for await (const { index } of detector.detect(images(9), { signal: control.signal })) {
        if (index === 2) control.abort(new Error('enough'));
      }
    };
    await expect(walk()).rejects.toThrow('enough');
    expect(kinds(backend)).toBe('kcc');
    expect(backend.alive.size).toBe(0);
  });

  test('closes the frame source when it fails', async () => {
    const { detector } = setUp();
    let closed = false;
    async function* source() {
      try {
        yield* images(1);
        yield { width: 20, height: 10, data: new Uint8Array(20 * 10 * 4) };
        yield* images(1);
      } finally {
        closed = true;
      }
    }
    await expect(collect(detector.detect(source()))).rejects.toThrow(
      'frame 1: image: 20x10 in RGB: got 800 samples, expected 600; is there an alpha channel to drop?',
    );
    expect(closed).toBe(true);
  });

  test('computes every frame by itself in a model without propagation', async () => {
    const { backend, detector } = setUp({ model: fakeModel('frame') });
    const results = await collect(detector.detect(images(3)));
    expect(kinds(backend)).toBe('fff');
    expect(results.every(({ isKey }) => isKey)).toBe(true);
  });

  test('gives nothing for no frames', async () => {
    expect(await collect(setUp().detector.detect([]))).toEqual([]);
  });
});

describe('detectBatch', () => {
  test('runs a key frame and its followers in one pass', async () => {
    const { backend, detector } = setUp();
    const results = await detector.detectBatch(images(3));
    expect(kinds(backend)).toBe('b');
    const { data_key, data_other, im_info } = backend.runs[0]!.feeds;
    expect([data_key!.shape, data_other!.shape, im_info!.shape]).toEqual([
      [1, 3, 10, 20],
      [2, 3, 10, 20],
      [3, 3],
    ]);
    expect(results.map(({ isKey, detections }) => [isKey, detections[0]!.box[2]])).toEqual([
      [true, 5],
      [false, 6],
      [false, 7],
    ]);
  });

  test('handles one frame, no frame, and frames of several sizes', async () => {
    const { backend, detector } = setUp();
    expect((await detector.detectBatch(images(1))).length).toBe(1);
    expect(kinds(backend)).toBe('k');
    expect(backend.alive.size).toBe(0);
    expect(await detector.detectBatch([])).toEqual([]);
    await expect(detector.detectBatch([...images(1), ...images(1, 30, 10)])).rejects.toThrow(
      'a batch has one size',
    );
  });

  test('one image can be looked at by itself', async () => {
    const { backend, detector } = setUp();
    const { isKey, detections } = await detector.detectImage(image(20, 10));
    expect([isKey, detections.length, kinds(backend), backend.alive.size]).toEqual([true, 1, 'k', 0]);
  });
});

describe('a detector', () => {
  test('frees its graphs, and only a backend of its own', async () => {
    const { backend, detector } = setUp();
    await collect(detector.detect(images(2)));
    detector.dispose();
    await Promise.resolve();
    expect(backend.compiled).toEqual([]);
    expect(backend.disposed).toBe(false);
  });

  test('refuses options that make no sense', () => {
    expect(() => every(0)).toThrow('interval is 0');
    expect(() => createDetector({ model: fakeModel(), keyInterval: 1.5 })).toThrow('interval is 1.5');
    expect(() => createDetector({ model: fakeModel(), backend: 'abacus' })).toThrow(
      'backend abacus does not exist',
    );
  });

  test('names the frame that is too small for a setting', async () => {
    const { detector } = setUp({ shortSide: 1, longSide: 1 });
    await expect(collect(detector.detect(images(1, 500, 1)))).rejects.toThrow(FrameError);
  });
});
