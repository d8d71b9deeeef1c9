/** A frame to measure with. */
import { image, type Image } from '../../data/index.ts';

/** Soft shapes of every size that move on with each frame `t`. */
export function movingShapes(t: number, width: number, height: number): Image {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [x - 6 * t, y + 4 * t];
      data[o++] = 128 + 100 * Math.sin(u / 90) * Math.cos(v / 60);
      data[o++] = 128 + 100 * Math.sin((u + v) / 40);
      data[o++] = 128 + 100 * Math.cos(u / 25) * Math.sin(v / 110);
    }
  }
  return image(width, height, data);
}
