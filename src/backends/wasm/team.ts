/**
 * A team: who runs the programs of plans. Either workers that share the plan's memory, one job at a time, or the calling
 * thread, where there is no shared memory or no worker.
 */
import type { StepRange } from './program.ts';

export interface Team {
  readonly threads: number;
  readonly where: 'workers' | 'calling thread';
  /** Why there are no workers, where there are none. */
  readonly reason?: string;
  /**
   * A memory of at least so many pages, all zeros.
   *
   * @throws DffError where there is not so much
   */
  allocate(pages: number): Promise<WebAssembly.Memory>;
  /** Makes a program known to the team. */
  open(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<TeamProgram>;
  dispose(): void;
}

export interface TeamProgram {
  run(steps: StepRange): Promise<void>;
  /** Afterwards, when nothing runs there any more, the memory belongs to the team. */
  close(): void;
}

/** What a module exports. */
export type Run = (first: number, end: number, thread: number, threads: number) => void;

export const DISPOSED = 'wasm: the backend was disposed of';
export const PLAN_DISPOSED = 'wasm: this plan was disposed of';
