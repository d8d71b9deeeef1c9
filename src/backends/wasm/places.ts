/**
 * Places for all buffers, records and entries in one memory.
 *
 *   control words | table of steps | records | constants | arena
 *
 * The arena is shared: buffers that are never wanted at the same time lie in the same place (`planMemory`). Preparations
 * of constants run before everything else and have the whole arena for themselves.
 */
import { planMemory } from '../../graph/index.ts';
import type { Buffer, Step } from './kernel.ts';
import { isHostCall, type HostCall, type LoweredGraph } from './lowering.ts';
import { control, entry } from './program.ts';

const ALIGNMENT = 64;

/** Byte addresses. */
export interface Places {
  /** Of the table of steps, and of the record of each step. */
  readonly steps: number;
  readonly records: readonly number[];
  readonly places: ReadonlyMap<Buffer, number>;
  /** Where constants end and the arena begins. */
  readonly arena: number;
  /** Bytes in all. */
  readonly size: number;
}

/** The steps that have an entry in the table: those of a run, then those of preparations. */
export function stepsOf({ steps, preparations }: LoweredGraph): readonly Step[] {
  const running = steps.flatMap(({ work }) => (isHostCall(work) ? [] : [work]));
  return [...running, ...preparations.flatMap((preparation) => preparation.steps)];
}

export function placeAll(lowered: LoweredGraph): Places {
  const all = stepsOf(lowered);
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
  return { steps, records, places, arena, size };
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
