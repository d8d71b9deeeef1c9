/** What Node and the page that computes for it say to each other: plain data, which the browser's driver carries. */
import type { PlanReport } from '../../src/backends/index.ts';
import type { DeviceSuppressionOptions, GpuMode, ModeReport } from '../../src/backends/gpu/index.ts';
import type { Graph } from '../../src/graph/index.ts';

export interface PlainTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** A tensor on the page's device. */
export interface KeptTensor {
  readonly shape: readonly number[];
  readonly kept: number;
}

export type Carried = PlainTensor | KeptTensor;

export interface RemoteOptions {
  readonly mode: GpuMode;
  readonly kernels?: 'fast' | 'obvious';
  readonly fallback?: 'reference';
}

export interface Opened {
  readonly backend: number;
  readonly description: string;
}

export interface RunRequest {
  readonly plan: number;
  readonly feeds: Readonly<Record<string, Carried>>;
  readonly keep: readonly string[];
  readonly keepOnDevice: readonly string[];
}

/** What the page saw happen, by wrapping the interfaces of the browser: it knows nothing of the backend. */
export interface Observed {
  /** WebGL: `drawArrays`, `createTexture`, `deleteTexture`, `readPixels`; WebGPU: `submit`, `createBuffer`, `destroy`. */
  readonly calls: Readonly<Record<string, number>>;
  /** Names of the contexts that were asked for. */
  readonly contexts: readonly string[];
}

/** What the page can be asked for. Answers are promises on this side, whatever they are on the other. */
export interface GpuPage {
  doctor(): Promise<readonly ModeReport[]>;
  open(options: RemoteOptions): Promise<Opened>;
  compile(backend: number, graph: Graph, parameters: Readonly<Record<string, PlainTensor>>): Promise<number>;
  run(request: RunRequest): Promise<Readonly<Record<string, Carried>>>;
  /** The same feeds many times over; what comes back is thrown away. */
  repeat(request: RunRequest, times: number): Promise<void>;
  report(plan: number): PlanReport;
  counts(backend: number): Readonly<Record<string, number>>;
  suppress(
    backend: number,
    boxes: PlainTensor,
    scores: readonly number[],
    options: DeviceSuppressionOptions,
  ): Promise<readonly number[]>;
  readKept(kept: number): Promise<PlainTensor>;
  disposeKept(kept: number): void;
  disposePlan(plan: number): void;
  disposeBackend(backend: number): void;
  observed(): Observed;
  /** Takes contexts and devices away from all that compute, as a driver that crashed would. */
  loseDevices(): Promise<void>;
}
