/**
 * Backend: something that can run graphs. `run` is always awaited, whether the numbers are computed on this thread, in
 * workers or on a GPU.
 */
import type { Graph, ParameterSource } from '../graph/index.ts';
import type { Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** A tensor that lives where a backend computes. It has an owner, who disposes of it. */
export interface DeviceTensor {
  readonly backend: string;
  readonly shape: Shape;
  /** Copies the numbers back. */
  read(): Promise<Tensor>;
  dispose(): void;
}

export type Fed = Tensor | DeviceTensor;

export interface RunOptions {
  /** Cancels between two nodes; `run` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Outputs to leave on the device: they come as `DeviceTensor`. */
  readonly keepOnDevice?: readonly string[];
  /** Names of inner values to return as well, e.g. `warping_feat_output`. */
  readonly keep?: readonly string[];
}

export interface NodeReport {
  readonly name: string;
  readonly operator: string;
  readonly kernel: string;
  /** Where it ran: `host`, or the device's mode. */
  readonly where?: string;
  /** Kernels launched for it in a run. */
  readonly launches?: number;
  /** Time that compiling its kernels took; those of several nodes alike are compiled once and counted for each. */
  readonly compileMilliseconds?: number;
  /** Time of the last run on the calling thread; a device may still be computing afterwards. */
  readonly milliseconds: number;
}

export interface PlanReport {
  readonly backend: string;
  readonly nodes: readonly NodeReport[];
  /** Graph transformations that were applied before compiling. */
  readonly passes: readonly string[];
  /** What came back from the device in the last run. */
  readonly readBacks?: { readonly count: number; readonly bytes: number };
  /** Threads that share the work. */
  readonly threads?: number;
  /** Memory that the plan occupies, constants included. */
  readonly memoryBytes?: number;
  /** How the plan is computed, and why not otherwise, in words. */
  readonly notes?: readonly string[];
}

export interface Plan {
  /** Runs once. The result has the graph's outputs and the values asked for with `keep`. */
  run(feeds: Readonly<Record<string, Fed>>, options?: RunOptions): Promise<Readonly<Record<string, Fed>>>;
  /**
   * Does what the first run would do once only, such as compiling kernels, by a run on zeros; lets others run in between.
   * Absent where there is nothing to do.
   *
   * @param onProgress told after each node
   */
  warmUp?(onProgress?: (done: number, total: number) => void, signal?: AbortSignal): Promise<void>;
  report(): PlanReport;
  dispose(): void;
}

export interface Backend {
  readonly name: string;
  /** How it computes, where it can in several ways. */
  readonly mode?: string;
  compile(graph: Graph, parameters: ParameterSource): Promise<Plan>;
  dispose(): void;
}

export function isDeviceTensor(value: Fed): value is DeviceTensor {
  return 'read' in value;
}

/** The numbers of a tensor, wherever it lives. */
export async function toHost(value: Fed): Promise<Tensor> {
  return isDeviceTensor(value) ? value.read() : value;
}
