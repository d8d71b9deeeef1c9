/**
 * A device: compiled kernels by specification, numbers that live there, and what crosses the border.
 *
 * The four modes differ in what a handle is and how numbers come back; that is a `Driver` each (`webgl2.ts`,
 * `webgpu.ts`, `host-modes.ts`). Everything above this file is the same for all.
 */
import { UnsupportedBackendError } from '../../tensor/errors.ts';
import type { Gpu, GpuJsKernel, GpuMode, Handle, KernelSettings } from './gpujs.ts';
import type { Capabilities, KernelSpec, Upload } from './kernel.ts';
import { type Axes, type Layout, texels, unpack } from './layout.ts';

/** What differs between modes. */
export interface Driver {
  readonly mode: GpuMode;
  readonly gpu: Gpu;
  /** What really computes, e.g. the name of the graphics card. */
  readonly description: string;
  readonly capabilities: Capabilities;
  /** What the device says it can do at most, by the name its interface gives it; for reports. */
  limits(): Readonly<Record<string, number>>;
  /** Compiles nothing yet: gpu.js compiles at the first launch. */
  create(spec: KernelSpec, settings: KernelSettings): GpuJsKernel;
  /** The handles of a launch: one, or those of all parts. */
  launch(kernel: GpuJsKernel, spec: KernelSpec, handles: readonly Handle[]): Promise<readonly Handle[]>;
  upload(upload: Upload): Promise<Handle>;
  /** All numbers behind a handle, in the order of its layout. */
  read(handle: Handle, layout: Layout): Promise<Float32Array>;
  free(handle: Handle): void;
  destroy(kernel: GpuJsKernel): void;
  /** Resolves when everything launched so far has been computed. */
  finish(): Promise<void>;
  /** Throws when the context or device was lost. */
  checkAlive(): void;
  dispose(): Promise<void>;
}

/** A specification and those who use it. */
interface Program {
  /** Compiled kernels by the sizes of their arguments, which gpu.js makes literals of when it compiles. */
  readonly kernels: Map<string, GpuJsKernel>;
  users: number;
  /** Time of the first launches, in which gpu.js compiles. */
  compileMilliseconds: number | undefined;
}

/** What crossed the border, and what is alive. For reports and tests. */
export interface DeviceCounts {
  readonly programs: number;
  readonly handles: number;
  readonly launches: number;
  readonly uploads: number;
  readonly readBacks: number;
  readonly readBackBytes: number;
}

export interface Device {
  readonly mode: GpuMode;
  readonly description: string;
  readonly capabilities: Capabilities;
  limits(): Readonly<Record<string, number>>;
  /** Says that a kernel will be used; the same specification gives the same kernel. */
  acquire(spec: KernelSpec): string;
  /** The opposite; the last user's leaving destroys the kernel. */
  release(key: string): void;
  /** Launches a kernel that was acquired. Whoever asked owns the handles. */
  launch(key: string, spec: KernelSpec, handles: readonly Handle[]): Promise<readonly Handle[]>;
  /** Time that compiling took, once it was launched. */
  compileMilliseconds(key: string): number | undefined;
  upload(upload: Upload): Promise<Handle>;
  /** The numbers in plain order. */
  read(handle: Handle, layout: Layout): Promise<Float32Array>;
  free(handle: Handle): void;
  finish(): Promise<void>;
  /** @throws UnsupportedBackendError when the context or device was lost */
  checkAlive(): void;
  counts(): DeviceCounts;
  dispose(): Promise<void>;
}

/** More steps than any loop has: gpu.js otherwise ends some loops after 1000 without a word. */
const LOOP_MAXIMUM = 1e8;

function settingsOf({ output, constants, gives, helpers }: KernelSpec): KernelSettings {
  return {
    output: withoutOnes(output),
    ...(constants && { constants }),
    returnType: gives === 'number' || gives === 'puts' ? 'Number' : 'Array(4)',
    pipeline: true,
    immutable: true,
    precision: 'single',
    tactic: 'precision', // otherwise phones may compute with half floats
    loopMaxIterations: LOOP_MAXIMUM,
    ...(helpers && { functions: helpers }),
  };
}

/** Trailing sizes of 1 left out: gpu.js spreads a single long axis over the device, two or three it does not. */
function withoutOnes(output: Axes): readonly number[] {
  const [columns, rows, planes] = output;
  return planes > 1 ? output : rows > 1 ? [columns, rows] : [columns];
}

/** How an argument lies: its axes, and for textures how these are folded. */
function sizeOf(handle: Handle): string {
  const { size = [], output = [] } = handle as {
    readonly size?: ArrayLike<number>;
    readonly output?: ArrayLike<number>;
  };
  return `${Array.from(size).join('x')}:${Array.from(output).join('x')}`;
}

export function createDevice(driver: Driver): Device {
  const programs = new Map<string, Program>();
  const counts = { launches: 0, uploads: 0, readBacks: 0, readBackBytes: 0, handles: 0 };
  const own = <T extends Handle | readonly Handle[]>(handles: T): T => {
    counts.handles += Array.isArray(handles) ? handles.length : 1;
    return handles;
  };
  return {
    mode: driver.mode,
    description: driver.description,
    capabilities: driver.capabilities,
    limits: () => driver.limits(),
    acquire(spec) {
      const key = JSON.stringify(spec);
      const known = programs.get(key);
      if (known) known.users++;
      else programs.set(key, { kernels: new Map(), users: 1, compileMilliseconds: undefined });
      return key;
    },
    release(key) {
      const program = programs.get(key);
      if (!program || --program.users > 0) return;
      for (const kernel of program.kernels.values()) driver.destroy(kernel);
      programs.delete(key);
    },
    async launch(key, spec, handles) {
      const program = programs.get(key)!;
      const start = performance.now();
      counts.launches++;
      const sizes = handles.map(sizeOf).join(' ');
      const compiled = program.kernels.get(sizes);
      const kernel = compiled ?? driver.create(spec, settingsOf(spec));
      program.kernels.set(sizes, kernel);
      const results = await driver.launch(kernel, spec, handles);
      if (!compiled) {
        program.compileMilliseconds = (program.compileMilliseconds ?? 0) + performance.now() - start;
      }
      return own(results);
    },
    compileMilliseconds: (key) => programs.get(key)?.compileMilliseconds,
    async upload(upload) {
      counts.uploads++;
      return own(await driver.upload(upload));
    },
    async read(handle, layout) {
      driver.checkAlive();
      counts.readBacks++;
      const numbers = await driver.read(handle, layout);
      driver.checkAlive();
      counts.readBackBytes += numbers.byteLength;
      return layout.kind === 'packed' ? unpack(numbers, layout) : numbers;
    },
    free(handle) {
      counts.handles--;
      driver.free(handle);
    },
    finish: () => driver.finish(),
    checkAlive: () => driver.checkAlive(),
    counts: () => ({ ...counts, programs: programs.size }),
    async dispose() {
      for (const { kernels } of programs.values())
        for (const kernel of kernels.values()) driver.destroy(kernel);
      programs.clear();
      await driver.dispose();
    },
  };
}

/** What gpu.js calls the mode of its kernel classes; names of classes do not survive minifiers. */
const classModes: Readonly<Record<GpuMode, string>> = {
  webgl2: 'gpu',
  webgpu: 'webgpu',
  webasm: 'webasm',
  cpu: 'cpu',
};

/** Throws when gpu.js runs a kernel otherwise than asked: it falls back to the processor without failing. */
export function checkMode({ kernel }: GpuJsKernel, mode: GpuMode, name: string): void {
  const { constructor, fallbackReason } = kernel;
  if (constructor.mode === classModes[mode] && !fallbackReason) return;
  const reason = fallbackReason ?? 'gpu.js gives no reason';
  throw new UnsupportedBackendError(
    `backend gpu: kernel ${name} would run in mode ${constructor.mode ?? 'unknown'}, not in ${mode}: ${reason}`,
  );
}

/** How many numbers a layout holds. */
export function numbersIn(layout: Upload['layout']): number {
  if (layout.kind === 'plain') return layout.axes[0] * layout.axes[1] * layout.axes[2];
  return 4 * (layout.kind === 'packed' ? texels(layout) : layout.columns * layout.rows);
}
