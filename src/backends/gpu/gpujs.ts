/**
 * The part of gpu.js that is used here, with types of our own: those of the package know less than it does (handles,
 * pipelines). gpu.js is an optional peer dependency and is loaded only here.
 */
import { UnsupportedBackendError } from '../../tensor/errors.ts';
import type { GpuMode } from './modes.ts';

export { type GpuMode, gpuModes } from './modes.ts';

/** What a kernel returns and takes: a texture, a buffer, or an array with its sizes. Opaque here. */
export interface Handle {
  readonly type?: string;
}

export interface GpuJsKernel {
  (...handles: unknown[]): unknown;
  /** The instance behind the function; another class when gpu.js fell back. */
  readonly kernel: GpuJsKernelInstance;
  /** Another size for the next launch, of a kernel made with `dynamicOutput`. */
  setOutput(output: readonly number[]): unknown;
  destroy(): void;
}

export interface GpuJsKernelInstance {
  readonly constructor: { readonly name: string; readonly mode?: string };
  readonly fallbackReason?: string | null;
  readonly context?: unknown;
}

export interface KernelSettings {
  readonly output: readonly number[];
  readonly constants?: Readonly<Record<string, number>>;
  readonly returnType?: 'Number' | 'Array(4)';
  readonly pipeline: boolean;
  readonly immutable: boolean;
  readonly precision: 'single';
  readonly tactic: 'precision';
  readonly loopMaxIterations: number;
  /** The size may change from launch to launch, and those of the arguments: both become uniforms. */
  readonly dynamicOutput?: boolean;
  readonly dynamicArguments?: boolean;
  readonly functions?: readonly KernelHelper[];
  /** Whether quotients of whole numbers are made whole where a card would be off in the last bit: slow. */
  readonly fixIntegerDivisionAccuracy?: boolean;
}

export interface KernelHelper {
  readonly name: string;
  readonly source: string;
  readonly argumentTypes: readonly string[];
  readonly returnType: string;
}

export interface Gpu {
  /** The class of the kernels made from now on. */
  Kernel: unknown;
  createKernel(source: string, settings: KernelSettings): GpuJsKernel;
  createKernelMap(
    parts: Readonly<Record<string, string>>,
    source: string,
    settings: KernelSettings,
  ): GpuJsKernel;
  destroy(): Promise<void>;
}

export interface GpuSettings {
  readonly mode: GpuMode;
  readonly canvas?: unknown;
  readonly context?: unknown;
}

export interface GpuJs {
  readonly GPU: new (settings: GpuSettings) => Gpu;
  readonly WebGPUKernel: unknown;
  readonly WebGL2Kernel: unknown;
  /** A flat array seen with sizes, the fastest axis first. */
  readonly input: (value: Float32Array, size: readonly number[]) => Handle;
}

/** Loads gpu.js. @throws UnsupportedBackendError with the command that installs it */
export async function loadGpuJs(): Promise<GpuJs> {
  try {
    const loaded = (await import('gpu.js')) as unknown as Partial<GpuJs> & { readonly default?: GpuJs };
    return loaded.GPU ? (loaded as GpuJs) : loaded.default!;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new UnsupportedBackendError(
      `backend gpu: gpu.js could not be loaded (${reason}); install it with: npm install gpu.js@~2.24.1`,
    );
  }
}
