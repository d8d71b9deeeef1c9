/** Compiling ahead of the first frame. */
import { image } from '../data/index.ts';
import { type DetectorParts, videoGraphs } from './frame-run.ts';

/** Width and height of a frame in pixels, before it is resized for the network. */
export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

export interface WarmUpProgress {
  /** Nodes of all graphs that are ready, of so many. */
  readonly done: number;
  readonly total: number;
}

export interface WarmUpOptions {
  readonly onProgress?: (progress: WarmUpProgress) => void;
  readonly signal?: AbortSignal;
}

/** See `Detector.warmUp`. */
export async function warmUp(
  parts: DetectorParts,
  { width, height }: FrameSize,
  { onProgress, signal }: WarmUpOptions = {},
): Promise<void> {
  signal?.throwIfAborted();
  const blank = image(width, height, new Uint8Array(3 * width * height));
  const graphs = await videoGraphs(parts, parts.prepare({ source: 'warm-up', index: 0, image: blank }));
  const sizes = graphs.map(({ plan }) => plan.report().nodes.length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let before = 0;
  for (const [k, { plan }] of graphs.entries()) {
    const ready = before;
    await plan.warmUp?.((done) => onProgress?.({ done: ready + done, total }), signal);
    before += sizes[k]!;
  }
  onProgress?.({ done: total, total });
}
