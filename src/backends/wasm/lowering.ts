/**
 * Lowering: from nodes of a graph to steps on buffers.
 *
 * Each operator has a function that takes a `NodeLowering`: it asks for its inputs in the layout that suits it, and says
 * where its outputs are and which steps fill them. Conversions between layouts are made when asked for, once for each
 * value. What can be computed from parameters alone, packed weights above all, is computed when the plan is made and kept.
 */
import { type Graph, type Node, shapeOf, type ValueRef } from '../../graph/index.ts';
import type { Shape } from '../../tensor/shape.ts';
import { keyOf } from '../value-key.ts';
import { conversion } from './kernels/blocks.ts';
import {
  type Address,
  type Buffer,
  type Fields,
  type Kernel,
  type RecordOf,
  type Step,
  step,
} from './kernel.ts';
import { bytesOf, type Layout } from './layout.ts';
import type { Tuning } from './tuning.ts';

/** A node as the lowering of its operator sees it. */
export interface NodeLowering {
  readonly node: Node;
  /** Shapes of the inputs that are there. */
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
  readonly tuning: Tuning;
  /** Where an input is, in a layout; converted if need be. */
  input(index: number, layout: Layout): Address;
  /** Whether an input is in a layout already, so that asking for it costs nothing. */
  has(index: number, layout: Layout): boolean;
  /** A new place for an output, that steps of this node fill. */
  output(index: number, layout: Layout): Address;
  /** An output that is there already, e.g. a part of an input. */
  share(index: number, layout: Layout, address: Address): void;
  /** Memory that only the steps of this node use. What it holds at first is anything. */
  scratch(bytes: number): Address;
  constant(data: Int32Array | Float32Array): Address;
  step<F extends Fields>(kernel: Kernel<F>, items: number, record: RecordOf<F>): void;
  /**
   * Something made of one input only, e.g. weights in another order. Made once, ahead of all runs, where that input is a
   * parameter; the original is not kept then.
   */
  prepared(
    input: number,
    bytes: number,
    make: (source: Address, target: Address) => readonly Step[],
  ): Address;
  /** Names what was chosen, for the report. Default: the names of the kernels. */
  choose(kernel: string): void;
}

export type Lower = (lowering: NodeLowering) => void;

/** A node that runs on the reference, between steps. All values are planar. */
export interface HostCall {
  readonly node: Node;
  readonly inputs: readonly Address[];
  readonly inputShapes: readonly Shape[];
  readonly outputs: readonly Address[];
}

/** A step or a call, and the node that it belongs to. */
export interface PlacedStep {
  readonly node: number;
  readonly work: Step | HostCall;
}

/** Steps that make constants of a parameter. */
export interface Preparation {
  readonly parameter: number;
  readonly source: Address;
  readonly steps: readonly Step[];
}

/** A graph as steps on buffers. */
export interface LoweredGraph {
  readonly steps: readonly PlacedStep[];
  readonly preparations: readonly Preparation[];
  /** Constants with their data, or the parameter that they are a copy of. */
  readonly constants: readonly {
    readonly buffer: Buffer;
    readonly data: Int32Array | Float32Array | number;
  }[];
  readonly inputs: readonly Address[];
  readonly outputs: readonly Address[];
  /** What was chosen for each node. */
  readonly kernels: readonly string[];
}

export function isHostCall(work: Step | HostCall): work is HostCall {
  return 'node' in work;
}

/** @param lowerOf how to lower an operator; undefined: it runs on the reference */
export function lowerGraph(
  graph: Graph,
  tuning: Tuning,
  lowerOf: (operator: string) => Lower | undefined,
): LoweredGraph {
  const steps: PlacedStep[] = [];
  const preparations: Preparation[] = [];
  const constants: { buffer: Buffer; data: Int32Array | Float32Array | number }[] = [];
  const places = new Map<string, Partial<Record<Layout, Address>>>();
  const kernels: string[] = [];

  const buffer = (bytes: number, constant: boolean): Address => ({ buffer: { bytes, constant }, offset: 0 });
  const placesOf = (ref: ValueRef): Partial<Record<Layout, Address>> => {
    const key = keyOf(ref);
    const found = places.get(key);
    if (found) return found;
    const made: Partial<Record<Layout, Address>> = {};
    places.set(key, made);
    return made;
  };
  const inputs = graph.inputs.map(({ shape }, index) => {
    const address = buffer(bytesOf(shape, 'planar'), false);
    placesOf({ from: 'input', index }).planar = address;
    return address;
  });

  /** Where a value is in a layout; `node` is who asks. */
  const locate = (ref: ValueRef, layout: Layout, node: number): Address => {
    const known = placesOf(ref);
    if (known[layout]) return known[layout];
    const shape = shapeOf(graph, ref);
    if (ref.from === 'parameter' && layout === 'planar') {
      const address = buffer(bytesOf(shape, 'planar'), true);
      constants.push({ buffer: address.buffer, data: ref.index });
      return (known.planar = address);
    }
    const from =
      ref.from === 'parameter'
        ? locate(ref, 'planar', node)
        : known[layout === 'planar' ? 'blocks' : 'planar']!;
    const to = buffer(bytesOf(shape, layout), false);
    steps.push({ node, work: convert(shape, layout, from, to) });
    return (known[layout] = to);
  };

  graph.nodes.forEach((node, index) => {
    const lower = lowerOf(node.operator);
    const first = steps.length;
    let chosen: string | undefined;
    const output = (k: number, layout: Layout): Address => {
      const address = buffer(bytesOf(node.shapes[k]!, layout), false);
      placesOf({ from: 'node', index, output: k })[layout] = address;
      return address;
    };
    if (!lower) {
      const work: HostCall = {
        node,
        inputs: node.inputs.map((ref) => locate(ref, 'planar', index)),
        inputShapes: node.inputs.map((ref) => shapeOf(graph, ref)),
        outputs: node.shapes.map((_, k) => output(k, 'planar')),
      };
      steps.push({ node: index, work });
      kernels.push('reference');
      return;
    }
    lower({
      node,
      inputs: node.inputs.map((ref) => shapeOf(graph, ref)),
      outputs: node.shapes,
      tuning,
      input: (k, layout) => locate(node.inputs[k]!, layout, index),
      has: (k, layout) => placesOf(node.inputs[k]!)[layout] !== undefined,
      output,
      share: (k, layout, address) => {
        placesOf({ from: 'node', index, output: k })[layout] = address;
      },
      scratch: (bytes) => buffer(bytes, false),
      constant: (data) => {
        const address = buffer(data.byteLength, true);
        constants.push({ buffer: address.buffer, data });
        return address;
      },
      step: (kernel, items, record) => {
        if (items > 0) steps.push({ node: index, work: step(kernel, items, record) });
      },
      prepared: (k, bytes, make) => {
        const ref = node.inputs[k]!;
        if (ref.from === 'parameter') {
          const source = buffer(bytesOf(shapeOf(graph, ref), 'planar'), false);
          const target = buffer(bytes, true);
          preparations.push({ parameter: ref.index, source, steps: make(source, target) });
          return target;
        }
        const source = locate(ref, 'planar', index);
        const target = buffer(bytes, false);
        make(source, target).forEach((work) => steps.push({ node: index, work }));
        return target;
      },
      choose: (kernel) => void (chosen = kernel),
    });
    const own = steps.slice(first).map(({ work }) => (isHostCall(work) ? '' : work.kernel.name));
    kernels.push(chosen ?? (own.length === 0 ? 'shared memory' : [...new Set(own)].join(', ')));
  });

  const outputs = graph.outputs.map(({ value }) => locate(value, 'planar', graph.nodes.length - 1));
  return { steps, preparations, constants, inputs, outputs, kernels };
}

/** The step that brings a value of four axes into a layout from the other one. */
function convert(shape: Shape, layout: Layout, from: Address, to: Address): Step {
  const [images, channels, height, width] = shape as readonly [number, number, number, number];
  const [planar, blocks] = layout === 'planar' ? [to, from] : [from, to];
  return step(...conversion(layout, { images, channels, pixels: height * width }, planar, blocks));
}
