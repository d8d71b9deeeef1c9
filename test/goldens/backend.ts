/** The backend that goldens are run on: one of this process, or, for modes that need a browser, one in Chromium. */
import { type Backend, createBackend, type GpuMode, gpuModes, type Plan } from '../../src/backends/index.ts';
import { openGpuBrowser } from '../browser/remote-backend.ts';

export interface GoldenBackend {
  readonly backend: Backend;
  /** For people. */
  readonly title: string;
  close(): Promise<void>;
}

/** Operators without a kernel are computed by the reference; `hosted` says which. */
const fallback = 'reference';

/** @param mode of the backend gpu */
export async function openGoldenBackend(name: string, mode = 'best'): Promise<GoldenBackend> {
  const close = async (): Promise<void> => {};
  if (name !== 'gpu') return { backend: await createBackend(name, { fallback }), title: name, close };
  const known = gpuModes.find((one) => one === mode);
  if (known === undefined && mode !== 'best') {
    throw new Error(`--mode is ${mode}, expected ${gpuModes.join(', ')} or best`);
  }
  if (known !== 'webgl2' && known !== 'webgpu') {
    const backend = await createBackend('gpu', { mode: known ?? 'best', fallback });
    return { backend, title: `gpu, mode ${backend.mode}`, close };
  }
  const browser = await openGpuBrowser();
  const backend = await browser.open({ mode: known satisfies GpuMode, fallback });
  const title = `gpu, mode ${known} in Chromium: ${backend.description}`;
  return { backend, title, close: () => browser.close() };
}

/** Where the nodes of all plans ran: how many by operator and what ran them on the processor. */
export interface Watched {
  readonly backend: Backend;
  /** `proposal: reference (no kernel)` and how many nodes. */
  readonly hosted: ReadonlyMap<string, number>;
  /** Nodes that ran on the device. */
  readonly onDevice: () => number;
}

/** The same backend; what its plans report is noted. */
export function watch(backend: Backend): Watched {
  const hosted = new Map<string, number>();
  let onDevice = 0;
  const note = (plan: Plan): void => {
    for (const { operator, kernel, where } of plan.report().nodes) {
      if (where !== 'host') onDevice++;
      else hosted.set(`${operator}: ${kernel}`, (hosted.get(`${operator}: ${kernel}`) ?? 0) + 1);
    }
  };
  return {
    hosted,
    onDevice: () => onDevice,
    backend: {
      ...backend,
      async compile(graph, parameters) {
        const plan = await backend.compile(graph, parameters);
        return {
          ...plan,
          async run(feeds, options) {
            const results = await plan.run(feeds, options);
            note(plan);
            return results;
          },
        };
      },
    },
  };
}
