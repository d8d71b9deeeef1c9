/** Small trials: does a part of the machine do what it should? */
import { createBackend, toHost } from '../backends/index.ts';
import { decodeImage, encodeJpeg, encodePng, image, type Image } from '../data/index.ts';
import { trace } from '../graph/index.ts';
import { convolution } from '../ops/index.ts';
import { tensor, view } from '../tensor/index.ts';
import { describeFailure } from './failure.ts';

export interface Finding {
  readonly ok: boolean;
  /** For people. */
  readonly detail: string;
}

/** The finding that `trial` comes to; what it throws becomes the detail. */
async function attempt(trial: () => Promise<string> | string): Promise<Finding> {
  try {
    return { ok: true, detail: await trial() };
  } catch (error) {
    return { ok: false, detail: describeFailure(error).message };
  }
}

/** A 2x2 filter over a 3x3 image, on the backend and by hand. */
export function checkBackend(name: string): Promise<Finding> {
  return attempt(async () => {
    const data = [3, -1, 4, 1, -5, 9, 2, 6, -5];
    const filter = [0.5, -2, 1, 3];
    const graph = trace(
      (parameters, { data: x }) => ({
        out: convolution(x, parameters.get('weight', [1, 1, 2, 2]), parameters.get('bias', [1])),
      }),
      { data: [1, 1, 3, 3] },
    );
    const weights = new Map([
      ['weight', tensor([1, 1, 2, 2], filter)],
      ['bias', tensor([1], [0.25])],
    ]);
    const backend = await createBackend(name);
    try {
      const plan = await backend.compile(graph, weights);
      const { out } = await plan.run({ data: tensor([1, 1, 3, 3], data) });
      const got = [...(await toHost(out!)).data];
      const { threads, notes = [] } = plan.report();
      plan.dispose();
      const expected = [0, 1, 3, 4].map((corner) =>
        [0, 1, 3, 4].reduce((sum, step, k) => sum + filter[k]! * data[corner + step]!, 0.25),
      );
      const wrong = expected.findIndex((value, k) => Math.abs(got[k]! - value) > 1e-5);
      const how = [...(threads === undefined ? [] : [`${threads} threads`]), ...notes].join(', ');
      if (wrong < 0) return `computes a small graph correctly${how && `: ${how}`}`;
      throw new Error(`value ${wrong} of a small graph is ${got[wrong]}, expected ${expected[wrong]}`);
    } finally {
      backend.dispose();
    }
  });
}

/** The self-tests of all modes of the backend gpu. One finding where gpu.js is missing. */
export async function checkGpuModes(): Promise<(Finding & { readonly part: string })[]> {
  const { doctor } = await import('../backends/gpu/index.ts');
  try {
    const reports = await doctor();
    return reports.map(({ mode, works, detail, checks, milliseconds }) => {
      const passed = checks.filter(({ outcome }) => outcome === 'passed').length;
      const tested = `${detail}; ${passed} checks passed in ${milliseconds.toFixed(0)} ms`;
      return { part: `backend gpu, mode ${mode}`, ok: works, detail: works ? tested : detail };
    });
  } catch (error) {
    return [{ part: 'backend gpu', ok: false, detail: describeFailure(error).message }];
  }
}

/** Writes a small picture and reads it again. */
export function checkImages(format: 'jpeg' | 'png'): Promise<Finding> {
  return attempt(async () => {
    const picture = slope(24, 16);
    const bytes = format === 'png' ? await encodePng(picture) : await encodeJpeg(picture, { quality: 95 });
    const back = await decodeImage(bytes, { name: `a small ${format}` });
    const worst = picture.data.reduce(
      (most, sample, i) => Math.max(most, Math.abs(sample - back.data[i]!)),
      0,
    );
    const allowed = format === 'png' ? 0 : 12;
    if (back.width !== picture.width || back.height !== picture.height || worst > allowed) {
      throw new Error(`a small picture came back as ${back.width}x${back.height}, samples off by ${worst}`);
    }
    return 'writes and reads a small picture correctly';
  });
}

/** Smooth enough to survive JPEG. */
function slope(width: number, height: number): Image {
  const samples = Array.from({ length: width * height }, (_, i) => [
    40 + 6 * (i % width),
    200 - 8 * Math.floor(i / width),
    128,
  ]);
  return image(width, height, Uint8Array.from(samples.flat()));
}

/** ndarray compiles code when the first view is made, which some settings forbid. */
export function checkViews(): Finding {
  try {
    const value = view(tensor([2, 2], [1, 2, 3, 4])).get(1, 0);
    if (value === 3) return { ok: true, detail: 'allowed' };
    return { ok: false, detail: `element (1, 0) of a view is ${value}, expected 3` };
  } catch (error) {
    const { message } = describeFailure(error);
    return { ok: false, detail: `new Function is forbidden (${message}); only view() needs it` };
  }
}
