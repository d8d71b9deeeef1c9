import { expect, test } from 'vitest';
import {
  encodePng,
  type Frame,
  framesFromBytes,
  framesFromImages,
  image,
  imagenetVid,
  readAhead,
} from '../../src/data/index.ts';

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

test('images become frames that are numbered from 0', async () => {
  const frames = await collect(framesFromImages([image(2, 1), image(2, 1)]));
  expect(frames.map(({ index, source }) => [index, source])).toEqual([
    [0, 'frame 0'],
    [1, 'frame 1'],
  ]);
});

test('encoded files are decoded when their turn comes', async () => {
  const bytes = await encodePng(image(3, 2));
  const source = framesFromBytes([
    bytes,
    { name: 'b.png', bytes },
    { name: 'c.png', bytes: bytes.subarray(0, 40) },
  ]);
  const frames: Frame[] = [];
  await expect(
    (async () => {
      for await (const frame of source) frames.push(frame);
    })(),
  ).rejects.toThrow('c.png: damaged PNG');
  expect(frames.map(({ source }) => source)).toEqual(['frame 0', 'b.png']);
  expect(frames[1]!.decodeMilliseconds).toBeGreaterThanOrEqual(0);
});

async function* counting(upTo: number, asked: number[], failAt = Infinity): AsyncGenerator<number> {
  try {
    for (let i = 0; i < upTo; i++) {
      asked.push(i);
      if (i === failAt) throw new Error('broken');
      yield i;
    }
  } finally {
    asked.push(-1);
  }
}

test('reading ahead keeps the order and holds one item in advance', async () => {
  const asked: number[] = [];
  const seen: number[] = [];
  for await (const item of readAhead(counting(4, asked))) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (item === 1) expect(asked).toEqual([0, 1, 2]);
    seen.push(item);
  }
  expect(seen).toEqual([0, 1, 2, 3]);
});

test('reading ahead reports an error at its item and closes the source when the reader leaves', async () => {
  const seen: number[] = [];
  await expect(
    (async () => {
      for await (const item of readAhead(counting(4, [], 2))) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        seen.push(item);
      }
    })(),
  ).rejects.toThrow('broken');
  expect(seen).toEqual([0, 1]);
  const asked: number[] = [];
  for await (const item of readAhead(counting(9, asked))) if (item === 1) break;
  expect(asked.at(-1)).toBe(-1);
});

test('the class list has the background and thirty classes', () => {
  expect(imagenetVid.length).toBe(31);
  expect(imagenetVid[1]).toEqual({ name: 'airplane', wnid: 'n02691156' });
  expect(imagenetVid[30]).toEqual({ name: 'zebra', wnid: 'n02391049' });
  expect(new Set(imagenetVid.map(({ wnid }) => wnid)).size).toBe(31);
});
