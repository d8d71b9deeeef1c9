/**
 * What is done in the page and in Node alike: convert a checkpoint, detect in a clip that is made on the spot. The
 * library comes as an argument, so that both sides run the code of the built package.
 */
import type { Image } from '../../src/data/index.ts';
import type * as Main from '../../src/index.ts';
import type * as Tensor from '../../src/tensor/index.ts';
import type * as Converter from '../../weights-converter/index.ts';

export interface Library {
  readonly main: typeof Main;
  readonly tensor: typeof Tensor;
  readonly converter: typeof Converter;
}

export interface FoundFrame {
  readonly isKey: boolean;
  readonly detections: readonly {
    readonly label: number;
    readonly score: number;
    readonly box: readonly number[];
  }[];
}

export interface Found {
  /** Arrays in the converted checkpoint. */
  readonly arrays: number;
  readonly frames: readonly FoundFrame[];
}

/** Not the network's size: frames are resized on the way. */
const WIDTH = 250;
const HEIGHT = 141;
const FRAMES = 3;

/** Two rectangles moving apart over a gradient: raw RGB, no decoder involved. */
export function clipFrame(t: number): Image {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  const inside = (x: number, y: number, left: number, top: number, width: number, height: number): boolean =>
    x >= left && x < left + width && y >= top && y < top + height;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const red = inside(x, y, 40 - 3 * t, 30 + t, 70, 50);
      const blue = inside(x, y, 140 + 4 * t, 60, 60, 60);
      data.set(red ? [220, 40, 30] : blue ? [20, 60, 230] : [x, y, (x + y) >> 1], (y * WIDTH + x) * 3);
    }
  }
  return { width: WIDTH, height: HEIGHT, data };
}

/** Converts the bytes of an MXNet checkpoint to safetensors, loads those, and detects in a clip of three frames. */
export async function detectClip(
  { main, tensor, converter }: Library,
  params: Uint8Array,
  computing: Pick<Main.DetectorOptions, 'backend' | 'mode'> = {},
): Promise<Found> {
  const sink = tensor.memorySink();
  const report = await converter.convertCheckpoint(tensor.bytesSource(params, 'narrow.params'), sink);
  const model = await main.dff.loadModel(sink.bytes());
  const detector = main.dff.createDetector({
    model,
    keyInterval: 2,
    shortSide: 150,
    postprocess: 'evaluation',
    ...computing,
  });
  const images = Array.from({ length: FRAMES }, (_, t) => clipFrame(t));
  const frames: FoundFrame[] = [];
  for await (const { isKey, detections } of detector.detect(images)) {
    const plain = detections.map(({ label, score, box }) => ({ label, score, box: [...box] }));
    frames.push({ isKey, detections: plain });
  }
  detector.dispose();
  return { arrays: report.tensors, frames };
}
