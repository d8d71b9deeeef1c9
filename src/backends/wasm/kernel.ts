/**
 * Kernels and steps: what a plan is made of.
 *
 * A kernel is a WebAssembly function of (record, item, thread). The record is a few numbers in memory, the same for all
 * items: addresses, sizes, strides. Items are the pieces of work that threads share out among them, e.g. one block of
 * channels each; they may be computed in any order and by anybody. A step is a kernel, a record and a number of items;
 * everything that a step reads has been written by steps before it.
 */
import type { Body, Local, ModuleWriter } from './assembler/index.ts';

/** A stretch of memory of a plan. Its place is chosen when all steps are known. */
export interface Buffer {
  readonly bytes: number;
  /** For data that lives as long as the plan; other buffers share room while they are not wanted at the same time. */
  readonly constant: boolean;
}

/** A place in a buffer, in bytes from its beginning. */
export interface Address {
  readonly buffer: Buffer;
  readonly offset: number;
}

/** The fields of a record. Addresses are i32 in memory. */
export type Fields = Readonly<Record<string, 'address' | 'i32' | 'f32'>>;

/** A record as a lowering fills it in. `null` is the address 0, for what is absent. */
export type RecordOf<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends 'address' ? Address | null : number;
};

/** The fields as the kernel's code reads them. */
type FieldLocals<F extends Fields> = {
  readonly [K in keyof F]: Local<F[K] extends 'f32' ? 'f32' : 'i32'>;
};

export type KernelLocals<F extends Fields> = FieldLocals<F> & {
  readonly item: Local<'i32'>;
  readonly thread: Local<'i32'>;
};

export interface Kernel<F extends Fields = Fields> {
  /** Unique, parameters of the generator included: a module holds one function for each name. */
  readonly name: string;
  readonly fields: F;
  write(body: Body, locals: KernelLocals<F>, module: ModuleWriter): void;
}

/** A step before places are known. */
export interface Step {
  readonly kernel: Kernel;
  readonly items: number;
  readonly record: Readonly<Record<string, Address | number | null>>;
}

/** A kernel, its fields checked against what its code reads. */
export function defineKernel<const F extends Fields>(kernel: Kernel<F>): Kernel<F> {
  return kernel;
}

/** A step, its record checked against the kernel's fields. */
export function step<F extends Fields>(kernel: Kernel<F>, items: number, record: RecordOf<F>): Step {
  return { kernel, items, record };
}

export function at({ buffer, offset }: Address, bytes: number): Address {
  return { buffer, offset: offset + bytes };
}
