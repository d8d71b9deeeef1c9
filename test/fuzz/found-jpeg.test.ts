/** Found by fuzzing JPEG files: what was filled with grey and accepted, and what kept the decoder busy or large. */
import { describe, expect, test } from 'vitest';
import { decodeImage, encodeJpeg, image, type Image } from '../../src/data/index.ts';
import { jpegDecoder } from '../../src/data/jpeg-codec.ts';
import { FrameError } from '../../src/tensor/index.ts';
import { frameBytes } from '../data/goldens.ts';
import { hasShared } from '../shared.ts';

const noise = (width: number, height: number): Image =>
  image(
    width,
    height,
    Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i * 31 + i * 7) % 256),
  );

const decode = (bytes: Uint8Array): Promise<Image> => decodeImage(bytes, { name: 'x.jpg' });

/** The position of a marker. */
const find = (bytes: Uint8Array, marker: number): number =>
  bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === marker);

describe('a JPEG', () => {
  test('whose pixels end early though its end marker is there is refused, not filled with grey', async () => {
    const whole = await encodeJpeg(noise(64, 64));
    const cut = Uint8Array.from([...whole.subarray(0, find(whole, 0xda) + 200), 0xff, 0xd9]);
    await expect(decode(cut)).rejects.toThrow(
      'damaged JPEG (Corrupt JPEG data: premature end of data segment)',
    );
    await expect(decode(cut)).rejects.toThrow(FrameError);
    expect((await decode(whole)).width).toBe(64);
  });

  test.skipIf(!hasShared)('of a real video with a damaged byte among its pixels is refused', async () => {
    const frame = Uint8Array.from(frameBytes(0));
    frame[2000]! ^= 0x55;
    await expect(decode(frame)).rejects.toThrow('damaged JPEG (Corrupt JPEG data');
  });

  test('with odd bytes between its segments, as cameras write, is read', async () => {
    const whole = await encodeJpeg(noise(16, 16));
    const odd = Uint8Array.from([...whole.subarray(0, -2), 0, 0, 0, ...whole.subarray(-2)]);
    expect(await decode(odd)).toEqual(await decode(whole));
  });

  test('of 98 million pixels in 800 bytes is refused before the decoder allocates them', async () => {
    const bomb = await encodeJpeg(noise(24, 16));
    const frame = find(bomb, 0xc0);
    bomb.set([0x05, 0xdc, 0xff, 0xff], frame + 5); // 65535x1500
    await expect(decode(bomb)).rejects.toThrow(/bytes cannot hold 65535x1500 pixels/);
  });

  test('of one colour, which packs best, is still read', async () => {
    const flat = await encodeJpeg(image(1024, 1024));
    expect(flat.length).toBeLessThan((1024 * 1024) / 80);
    expect((await decode(flat)).width).toBe(1024);
  });

  test('of more scans than any encoder writes is refused', async () => {
    const whole = await encodeJpeg(noise(16, 16));
    const scan = whole.subarray(find(whole, 0xda), -2);
    const many = Uint8Array.from(
      Buffer.concat([whole.subarray(0, -2), ...Array.from({ length: 500 }, () => scan), whole.subarray(-2)]),
    );
    await expect(decode(many)).rejects.toThrow('a JPEG of 501 scans, more than 500');
  });

  test('that is very large does not leave its memory with the idle decoder', async () => {
    const large = await encodeJpeg(image(4000, 3600));
    expect((await decode(large)).width).toBe(4000);
    expect((await jpegDecoder()).module.HEAPU8.length).toBeLessThan(1 << 25);
  });
});
