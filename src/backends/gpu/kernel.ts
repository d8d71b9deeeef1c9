/**
 * What a kernel is before anything is compiled: plain data, made by pure functions from shapes and attributes.
 *
 * A node of the graph is lowered to steps. Each step launches one kernel; its arguments are inputs of the node, numbers
 * known when the plan is made (packed weights, tables), or results of earlier steps. The compiler in `plan.ts` does the
 * rest: it converts layouts, uploads, launches in order and frees.
 */
import type { Shape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { KernelHelper } from './gpujs.ts';
import type { Axes, Layout, PackedLayout } from './layout.ts';

/** One kernel, specialised for its shapes: two equal specifications share one compiled kernel. */
export interface KernelSpec {
  /** For reports, and the name of the function in the source. */
  readonly name: string;
  readonly source: string;
  readonly constants?: Readonly<Record<string, number>>;
  /** Invocations along x, y and z. */
  readonly output: Axes;
  /**
   * What an invocation gives: one number of a plain tensor; one texel of a packed one; or, through a kernel map, the
   * same texel of `parts` textures (webgl2), or as many texels as it `put`s into a packed tensor (webgpu); or the same
   * number of four successive planes of a plain tensor (webasm, cpu).
   */
  readonly gives: 'number' | 'texel' | 'parts' | 'puts' | 'planes';
  /** Textures of a kernel map. */
  readonly parts?: number;
  /** Planes of an image, for kernels that give four at once; the last four may be fewer. */
  readonly planes?: number;
  /** Functions the source calls. */
  readonly helpers?: readonly KernelHelper[];
  /** Layout of the result; of each part for a kernel map. */
  readonly result: Layout | TexelGrid;
}

/** Texels without further meaning: packed weights, parts of a kernel map. */
export interface TexelGrid {
  readonly kind: 'texels';
  readonly columns: number;
  readonly rows: number;
  /** Planes that the rows are seen as, where a kernel reads texel[plane][row][column]. */
  readonly planes?: number;
}

/** Numbers for the device: plain, or already in texel order. */
export interface Upload {
  readonly layout: Layout | TexelGrid;
  readonly data: Float32Array;
}

export type Argument =
  | { readonly from: 'input'; readonly index: number; readonly as: 'plain' | 'packed' }
  /** Made from parameters of the node once, when the plan is compiled. */
  | {
      readonly from: 'weights';
      readonly inputs: readonly number[];
      readonly pack: (parameters: readonly Tensor[]) => Upload;
    }
  | { readonly from: 'table'; readonly upload: Upload }
  /** Made on the processor from values of inputs at every run: decisions that a device's division would get wrong. */
  | {
      readonly from: 'host';
      readonly inputs: readonly number[];
      readonly make: (values: readonly Tensor[]) => Upload;
    }
  /** The result of an earlier step, or one part of it. */
  | { readonly from: 'step'; readonly index: number; readonly part?: number };

export interface Step {
  readonly spec: KernelSpec;
  readonly arguments: readonly Argument[];
}

/** What a node becomes. */
export interface Lowering {
  readonly steps: readonly Step[];
  /** For each output of the node the step that makes it. */
  readonly outputs: readonly number[];
}

/** A slow integrated graphics card does this many in about a second; watchdogs wait for two. */
export const MOST_MULTIPLY_ADDS = 4e9;

/**
 * Graphics cards, with memory of their own or not, do some tens of multiply-adds for each number that they move; a
 * processor that does their work about a dozen. With this the transforms begin to pay at 55 channels.
 */
export const TRANSFORM_COST = 32;

/** What a device can do, as measured or asked for at the start. */
export interface Capabilities {
  /** How packed tensors are read and written: as textures, or as buffers of texels; none: plain tensors only. */
  readonly packed: 'textures' | 'buffers' | undefined;
  /** Whether an invocation can give numbers of four planes of a plain tensor. */
  readonly fourPlanes: boolean;
  /** Longest side of a texture, in texels. */
  readonly maxSide: number;
  /** Textures that a kernel map can write. */
  readonly maxParts: number;
  /** Pixels that one invocation of the fast convolution computes. */
  readonly tile: number;
  /** Longer launches are split, so that no driver's watchdog ends them. */
  readonly mostMultiplyAdds: number;
  /**
   * Multiply-adds in the time in which one number of a Winograd transform is made, stored and read (see `winograd.ts`).
   * Infinite: that convolution is never used; −∞: always where it can be, for tests.
   */
  readonly transformCost: number;
}

/** A node of the graph as kernels see it. */
export interface NodeView<A = unknown> {
  readonly name: string;
  readonly attributes: A;
  /** Shapes. */
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
  /** Whether an input is a parameter, whose numbers are known when the plan is compiled. */
  readonly isParameter: (input: number) => boolean;
  /** The packed layout of an input or output; undefined where it has none. */
  readonly packedInput: (input: number) => PackedLayout | undefined;
  readonly packedOutput: (output: number) => PackedLayout | undefined;
  readonly capabilities: Capabilities;
}

/** The kernels of one operator. */
export interface GpuOperator<A = never> {
  /** The kernel that one would write first, on plain tensors; runs in all modes. */
  readonly obvious: (node: NodeView<A>) => Lowering;
  /** The kernel that is used where packed tensors are available; undefined for nodes that it cannot do. */
  readonly fast?: (node: NodeView<A>) => Lowering | undefined;
  /** The same where there are no packed tensors, but an invocation can give numbers of four planes. */
  readonly fastPlain?: (node: NodeView<A>) => Lowering | undefined;
  /** Why the processor is the better place for it in a fast plan, if it is. Obvious plans use the kernels. */
  readonly onHost?: string;
  /** Zeros around each plane that the fast kernel wants to read of an input. */
  readonly border?: (node: NodeView<A>, input: number) => number;
  /** Into how many sections the fast kernel wants the channels of an input sorted (see `layout.ts`). Default 1. */
  readonly sections?: (node: NodeView<A>, input: number) => number;
  /** Whether the fast kernel puts channels where the layout of its result wants them, whatever their order. */
  readonly sorts?: true;
}
