/** Linking: everything gets its place in one memory, see `places.ts`, and the module that runs it is written. */
import { type ModuleWriter, writeModule } from './assembler/index.ts';
import type { Address, Step } from './kernel.ts';
import { isHostCall, type HostCall, type LoweredGraph, type PlacedStep } from './lowering.ts';
import { PAGE } from './memories.ts';
import { placeAll, stepsOf } from './places.ts';
import { entry, type StepRange, writeKernel, writeRun } from './program.ts';

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
  const all = stepsOf(lowered);
  const { steps, records, places, size } = placeAll(lowered);
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
  const stepNodes = work.flatMap(({ node, work: one }) => (isHostCall(one) ? [] : [node]));
  let first = stepNodes.length;
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
    stepNodes,
    address,
  };
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
