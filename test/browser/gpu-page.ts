/**
 * The page's side of `remote-backend.ts`: the backend gpu, asked from outside. What it really does is observed below
 * it, at the interfaces of the browser.
 */
import {
  type Backend,
  type DeviceTensor,
  type Fed,
  isDeviceTensor,
  type Plan,
} from '../../src/backends/index.ts';
import { doctor, type GpuBackend, gpuBackend } from '../../src/backends/gpu/index.ts';
import { tensor } from '../../src/tensor/index.ts';
import type { Carried, GpuPage, PlainTensor, RunRequest } from './gpu-protocol.ts';

const calls: Record<string, number> = {};
const contexts: string[] = [];
const living: WebGL2RenderingContext[] = [];

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Counts the calls of a method of a class of the browser. */
function observe(owner: { readonly prototype: unknown } | undefined, method: string): void {
  if (!owner) return;
  const methods = owner.prototype as Record<string, Method>;
  const original = methods[method]!;
  calls[method] = 0;
  methods[method] = function counted(this: unknown, ...args) {
    calls[method]!++;
    return original.apply(this, args);
  };
}

const { WebGL2RenderingContext: GL, OffscreenCanvas: Canvas } = globalThis;
const browser = globalThis as unknown as Readonly<
  Record<string, { readonly prototype: unknown } | undefined>
>;
for (const method of ['drawArrays', 'createTexture', 'deleteTexture', 'readPixels']) observe(GL, method);
observe(browser['GPUQueue'], 'submit');
observe(browser['GPUDevice'], 'createBuffer');
observe(browser['GPUBuffer'], 'destroy');
const canvases = Canvas.prototype as unknown as Record<'getContext', Method>;
const original = Reflect.get(canvases, 'getContext');
canvases.getContext = function observed(this: unknown, ...args) {
  const context = original.apply(this, args);
  contexts.push(String(args[0]));
  if (context instanceof GL) living.push(context);
  return context;
};

interface Device {
  destroy(): void;
  readonly lost: Promise<unknown>;
}
const devices: Device[] = [];
const adapter = browser['GPUAdapter'];
if (adapter) {
  const adapters = adapter.prototype as { requestDevice: (...args: unknown[]) => Promise<Device> };
  const request = Reflect.get(adapters, 'requestDevice');
  adapters.requestDevice = async function observed(...args) {
    const device = await request.apply(this, args);
    devices.push(device);
    return device;
  };
}

let last = 0;
/** Objects by number. */
function shelf<T>(): { put(value: T): number; get(key: number): T; take(key: number): T } {
  const values = new Map<number, T>();
  const get = (key: number): T => {
    const value = values.get(key);
    if (value === undefined) throw new Error(`nothing has number ${key}`);
    return value;
  };
  return {
    put(value) {
      values.set(++last, value);
      return last;
    },
    get,
    take(key) {
      const value = get(key);
      values.delete(key);
      return value;
    },
  };
}

const backends = shelf<GpuBackend>();
const plans = shelf<Plan>();
const kept = shelf<DeviceTensor>();

const received = (value: PlainTensor): Fed => tensor(value.shape, value.data);

function fed(value: Carried): Fed {
  return 'kept' in value ? kept.get(value.kept) : received(value);
}

function sent(value: Fed): Carried {
  if (isDeviceTensor(value)) return { shape: value.shape, kept: kept.put(value) };
  return { shape: value.shape, data: value.data };
}

async function runPlan({ plan, feeds, ...options }: RunRequest): Promise<Readonly<Record<string, Fed>>> {
  const inputs = Object.entries(feeds).map(([name, value]) => [name, fed(value)] as const);
  return plans.get(plan).run(Object.fromEntries(inputs), options);
}

const page: GpuPage = {
  doctor,
  async open(options) {
    const backend = await gpuBackend(options);
    return { backend: backends.put(backend), description: backend.description };
  },
  async compile(backend, graph, parameters) {
    const given = Object.entries(parameters).map(
      ([name, { shape, data }]) => [name, tensor(shape, data)] as const,
    );
    return plans.put(await (backends.get(backend) as Backend).compile(graph, new Map(given)));
  },
  async run(request) {
    const results = await runPlan(request);
    return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, sent(value)]));
  },
  async repeat(request, times) {
    for (let k = 0; k < times; k++) {
      for (const value of Object.values(await runPlan(request))) if (isDeviceTensor(value)) value.dispose();
    }
  },
  report: (plan) => plans.get(plan).report(),
  counts: (backend) => ({ ...backends.get(backend).counts() }),
  suppress: (backend, { shape, data }, scores, options) =>
    backends.get(backend).nonMaximumSuppression(tensor(shape, data), scores, options),
  readKept: (key) => kept.get(key).read(),
  disposeKept: (key) => kept.take(key).dispose(),
  disposePlan: (plan) => plans.take(plan).dispose(),
  disposeBackend: (backend) => backends.take(backend).dispose(),
  observed: () => ({ calls: { ...calls }, contexts: [...contexts] }),
  async loseDevices() {
    for (const gl of living.splice(0)) gl.getExtension('WEBGL_lose_context')?.loseContext();
    for (const device of devices.splice(0)) {
      device.destroy();
      await device.lost;
    }
    await new Promise((resolve) => void setTimeout(resolve, 0));
  },
};

(globalThis as { gpuPage?: GpuPage }).gpuPage = page;
