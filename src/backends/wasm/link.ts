/**
 * Linking: places for all buffers, records and entries in one memory, and the module that runs them.
 *
 *   control words | table of steps | records | constants | arena
 *
 * The arena is shared: buffers that are never wanted at the same time lie in the same place (`planMemory`). Preparations
 * of constants run before everything else and have the whole arena for themselves.
 */
import { planMemory } from '../../graph/index.ts';
import { type ModuleWriter, writeModule } from './assembler/index.ts';
import type { Address, Buffer, Step } from './kernel.ts';
import { isHostCall, type HostCall, type LoweredGraph, type PlacedStep } from './lowering.ts';
import { PAGE } from './memories.ts';
import { control, entry, type StepRange, writeKernel, writeRun } from './program.ts';

const ALIGNMENT = 64;

export interface LinkOptions {
  readonly relaxed: boolean;
  readonly shared: boolean;
  /** Gives a memory of at least so many pages, all zeros. */
  readonly allocate: (pages: number) => Promise<WebAssembly.Memory>;
}

/** What a run does one after the other: steps of the program, and calls of the reference between them. */
export type Segment = StepRange | HostCall;

/** A program in its memory, and where to find everything. */
export interface LinkedProgram {
  readonly module: Uint8Array<ArrayBuffer>;
  readonly memory: WebAssembly.Memory;
  readonly segments: readonly Segment[];
  /** For each preparation of constants where its parameter goes, and the steps to run then. */
  readonly preparations: readonly {
    readonly parameter: number;
    readonly source: number;
    readonly steps: StepRange;
  }[];
  /** Constants that are copies of parameters. */
  readonly copies: readonly { readonly parameter: number; readonly target: number }[];
  /** Byte address of the table of steps, and the node of each of its entries that a run uses. */
  readonly steps: number;
  readonly stepNodes: readonly number[];
  readonly address: (place: Address) => number;
}

/** @throws DffError where there is no memory of that size */
export async function link(
  lowered: LoweredGraph,
  { relaxed, shared, allocate }: LinkOptions,
): Promise<LinkedProgram> {
  const work = lowered.steps;
  const running = work.flatMap(({ work: one }) => (isHostCall(one) ? [] : [one]));
  const all = [...running, ...lowered.preparations.flatMap(({ steps }) => steps)];
  const places = new Map<Buffer, number>();

  const steps = control.bytes;
  let end = align(steps + all.length * entry.bytes);
  const records = all.map(({ kernel }) => {
    const record = end;
    end += 4 * Object.keys(kernel.fields).length;
    return record;
  });
  for (const buffer of constantsOf(lowered)) {
    end = align(end);
    places.set(buffer, end);
    end += buffer.bytes;
  }
  const arena = align(end);
  const size = arena + Math.max(placeArena(lowered, arena, places), placeStaging(lowered, arena, places));
  const memory = await allocate(Math.ceil(size / PAGE));
  const pages = memory.buffer.byteLength / PAGE;
  const address = ({ buffer, offset }: Address): number => places.get(buffer)! + offset;

  const module = writeModule({ relaxed, pages, shared });
  writeRun(module, steps, shared);
  writeEntries(module, new DataView(memory.buffer), all, { steps, records, address });
  for (const { buffer, data } of lowered.constants) {
    if (typeof data !== 'number') {
      new Uint8Array(memory.buffer).set(
        new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
        places.get(buffer),
      );
    }
  }
  let first = running.length;
  return {
    module: module.bytes(),
    memory,
    segments: segmentsOf(work),
    preparations: lowered.preparations.map(({ parameter, source, steps: made }) => {
      const range = { first, end: first + made.length };
      first = range.end;
      return { parameter, source: address(source), steps: range };
    }),
    copies: lowered.constants.flatMap(({ buffer, data }) =>
      typeof data === 'number' ? [{ parameter: data, target: places.get(buffer)! }] : [],
    ),
    steps,
    stepNodes: work.flatMap(({ node, work: one }) => (isHostCall(one) ? [] : [node])),
    address,
  };
}

const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Constants, those that are made of parameters included. */
function constantsOf({ constants, preparations }: LoweredGraph): Set<Buffer> {
  const made = preparations.flatMap(({ steps }) => steps.flatMap(buffersOf));
  return new Set([...constants.map(({ buffer }) => buffer), ...made].filter(({ constant }) => constant));
}

/** The buffers that a step or a call touches. */
function buffersOf(work: Step | HostCall): Buffer[] {
  const addresses = isHostCall(work) ? [...work.inputs, ...work.outputs] : Object.values(work.record);
  return addresses.flatMap((value) => (typeof value === 'object' && value !== null ? [value.buffer] : []));
}

/** Places what lives from its first step to its last; bytes in all. */
function placeArena(
  { steps, inputs, outputs }: LoweredGraph,
  arena: number,
  places: Map<Buffer, number>,
): number {
  // Inputs are there before the first step, in list 0; the buffers of step k are in list k + 1.
  const born: Buffer[][] = [inputs.map(({ buffer }) => buffer), ...steps.map((): Buffer[] => [])];
  const ends = new Map(born[0]!.map((buffer) => [buffer, 0]));
  steps.forEach(({ work }, index) => {
    for (const buffer of buffersOf(work)) {
      if (buffer.constant) continue;
      if (!ends.has(buffer)) born[index + 1]!.push(buffer);
      ends.set(buffer, index + 1);
    }
  });
  for (const { buffer } of outputs) if (ends.has(buffer)) ends.set(buffer, steps.length + 1);
  const plan = planMemory(
    born.map((list) => list.map(({ bytes }) => bytes)),
    born.map((list) => list.map((buffer) => ends.get(buffer)!)),
    ALIGNMENT,
  );
  born.forEach((list, k) => list.forEach((buffer, j) => places.set(buffer, arena + plan.offsets[k]![j]!)));
  return plan.size;
}

/** Places what each preparation needs besides its result; bytes in all. */
function placeStaging({ preparations }: LoweredGraph, arena: number, places: Map<Buffer, number>): number {
  let largest = 0;
  for (const { source, steps } of preparations) {
    let end = 0;
    for (const buffer of new Set([source.buffer, ...steps.flatMap(buffersOf)])) {
      if (buffer.constant) continue;
      places.set(buffer, arena + end);
      end = align(end + buffer.bytes);
    }
    largest = Math.max(largest, end);
  }
  return largest;
}

function segmentsOf(steps: readonly PlacedStep[]): Segment[] {
  const segments: Segment[] = [];
  let index = 0;
  for (const { work } of steps) {
    if (isHostCall(work)) {
      segments.push(work);
      continue;
    }
    const last = segments.at(-1);
    if (last && 'first' in last) segments[segments.length - 1] = { first: last.first, end: index + 1 };
    else segments.push({ first: index, end: index + 1 });
    index++;
  }
  return segments;
}

/** Writes the entries of all steps and their records. */
function writeEntries(
  module: ModuleWriter,
  view: DataView,
  all: readonly Step[],
  at: {
    readonly steps: number;
    readonly records: readonly number[];
    readonly address: (place: Address) => number;
  },
): void {
  all.forEach(({ kernel, items, record }, index) => {
    const start = at.steps + index * entry.bytes;
    view.setUint32(start + entry.kernel, writeKernel(module, kernel), true);
    view.setUint32(start + entry.items, items, true);
    view.setUint32(start + entry.record, at.records[index]!, true);
    Object.entries(kernel.fields).forEach(([name, type], k) => {
      const value = record[name]!;
      const place = at.records[index]! + 4 * k;
      if (type === 'f32') view.setFloat32(place, value as number, true);
      else view.setInt32(place, typeof value === 'number' ? value : value ? at.address(value) : 0, true);
    });
  });
}
