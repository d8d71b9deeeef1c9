/**
 * Operators that move a box of elements: slice, sliceAxis, sliceChannel and crop take one out of a value, concat and embed
 * put values into boxes of their result. What lies in one piece already is shared.
 */
import {
  type ConcatAttributes,
  type CropAttributes,
  type EmbedAttributes,
  pair,
  slice,
  type SliceAttributes,
  type SliceAxisAttributes,
  type SliceChannelAttributes,
} from '../../../ops/index.ts';
import { elementCount, type Shape, stridesOf } from '../../../tensor/shape.ts';
import { tensor } from '../../../tensor/tensor.ts';
import { type Address, at } from '../kernel.ts';
import { copyStridedKernel } from '../kernels/copy-strided.ts';
import { fillKernel, fillRecord } from '../kernels/fill.ts';
import { BLOCK, bytesOf, FLOAT_BYTES, type Layout, placedShape } from '../layout.ts';
import type { NodeLowering } from '../lowering.ts';
import { rowMajor, type Side, walkStep } from './walk.ts';

/** Elements of an axis: first, first + step, … */
interface Positions {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** Positions on every axis. */
type Box = readonly Positions[];

const wholeAxis = (count: number): Positions => ({ first: 0, step: 1, count });

/** The same box of a value in blocks; undefined where it cuts blocks. */
function boxOfBlocks(box: Box, shape: Shape): Box | undefined {
  if (shape.length !== 4) return undefined;
  const [images, { first, step, count }, ...pixels] = box as readonly [Positions, Positions, ...Positions[]];
  const isCut = first % BLOCK !== 0 || (count % BLOCK !== 0 && first + count !== shape[1]);
  if (step !== 1 || isCut) return undefined;
  const blocks = { first: first / BLOCK, step, count: Math.ceil(count / BLOCK) };
  return [images, blocks, ...pixels, wholeAxis(BLOCK)];
}

/** The elements of a box, in an array of a shape. */
function sideOf(address: Address, shape: Shape, box: Box): Side {
  const strides = stridesOf(shape);
  const offset = box.reduce((sum, { first }, axis) => sum + first * strides[axis]!, 0);
  return {
    address: at(address, offset * FLOAT_BYTES),
    strides: box.map(({ step }, axis) => step * strides[axis]!),
  };
}

/** Whether the elements of a box follow each other in memory. */
function isOnePiece(box: Box, shape: Shape): boolean {
  const cut = box.findIndex(({ count }) => count !== 1); // only this axis may be taken in part
  return (
    cut < 0 ||
    box.every(
      ({ step, count }, axis) => axis < cut || (step === 1 && (axis === cut || count === shape[axis])),
    )
  );
}

/** An output that is a box of the first input. */
function takeOut(lowering: NodeLowering, output: number, box: Box): void {
  const shape = lowering.inputs[0]!;
  const ofBlocks = lowering.has(0, 'blocks') ? boxOfBlocks(box, shape) : undefined;
  const isBlocks = ofBlocks !== undefined && lowering.outputs[output]!.length === 4;
  const [layout, taken]: [Layout, Box] = isBlocks ? ['blocks', ofBlocks] : ['planar', box];
  const source = lowering.input(0, layout);
  const placed = placedShape(shape, layout);
  const side = sideOf(source, placed, taken);
  const counts = taken.map(({ count }) => count);
  if (elementCount(counts) > 0 && isOnePiece(taken, placed)) {
    lowering.share(output, layout, side.address);
    return;
  }
  const target = rowMajor(lowering.output(output, layout), counts);
  walkStep(lowering, copyStridedKernel, counts, [side, target], {});
}

const attributesOf = <A>({ node }: NodeLowering): Required<A> => node.attributes as Required<A>;

/** An axis counted from the front. */
const fromFront = (axis: number, shape: Shape): number => (axis < 0 ? axis + shape.length : axis);

export function lowerSlice(lowering: NodeLowering): void {
  const { begin, end, step } = attributesOf<SliceAttributes>(lowering);
  const box = lowering.inputs[0]!.map((size, axis): Positions => {
    const all = tensor(
      [size],
      Float64Array.from({ length: size }, (_, i) => i),
    );
    const kept = slice(all, {
      begin: [begin[axis] ?? null],
      end: [end[axis] ?? null],
      step: [step[axis] ?? 1],
    });
    return { first: kept.data[0] ?? 0, step: step[axis] ?? 1, count: kept.data.length };
  });
  takeOut(lowering, 0, box);
}

/** The box that takes a stretch of one axis and all of the others. */
function stretchBox(shape: Shape, cut: number, first: number, count: number): Box {
  return shape.map((size, axis) => (axis === cut ? { first, step: 1, count } : wholeAxis(size)));
}

export function lowerSliceAxis(lowering: NodeLowering): void {
  const { axis, begin } = attributesOf<SliceAxisAttributes>(lowering);
  const shape = lowering.inputs[0]!;
  const cut = fromFront(axis, shape);
  const first = begin < 0 ? begin + shape[cut]! : begin;
  takeOut(lowering, 0, stretchBox(shape, cut, first, lowering.outputs[0]![cut]!));
}

export function lowerSliceChannel(lowering: NodeLowering): void {
  const { axis, outputs } = attributesOf<SliceChannelAttributes>(lowering);
  const shape = lowering.inputs[0]!;
  const cut = fromFront(axis, shape);
  const count = shape[cut]! / outputs;
  for (let k = 0; k < outputs; k++) takeOut(lowering, k, stretchBox(shape, cut, k * count, count));
}

export function lowerCrop(lowering: NodeLowering): void {
  const [top, left] = pair(attributesOf<CropAttributes>(lowering).offset);
  const offsets = [0, 0, top, left];
  const box = lowering.outputs[0]!.map((count, axis) => ({ first: offsets[axis]!, step: 1, count }));
  takeOut(lowering, 0, box);
}

/** Puts an input into a box of an output. */
function putIn(lowering: NodeLowering, index: number, output: Address, layout: Layout, box: Box): void {
  const [given, result] = [lowering.inputs[index]!, lowering.outputs[0]!];
  const placed = layout === 'planar' ? box : boxOfBlocks(box, result)!;
  const target = sideOf(output, placedShape(result, layout), placed);
  const shape = placedShape(given, layout);
  const source = rowMajor(lowering.input(index, layout), shape);
  walkStep(lowering, copyStridedKernel, shape, [source, target], {});
}

export function lowerConcat(lowering: NodeLowering): void {
  const { inputs, outputs } = lowering;
  const result = outputs[0]!;
  const grown = fromFront(attributesOf<ConcatAttributes>(lowering).axis, result);
  let end = 0;
  const boxes = inputs.map((shape): Box => {
    const first = end;
    end += shape[grown]!;
    return stretchBox(result, grown, first, shape[grown]!);
  });
  const keepsBlocks = boxes.every((box) => boxOfBlocks(box, result));
  const layout = keepsBlocks && inputs.some((_, k) => lowering.has(k, 'blocks')) ? 'blocks' : 'planar';
  const output = lowering.output(0, layout);
  boxes.forEach((box, k) => putIn(lowering, k, output, layout, box));
}

export function lowerEmbed(lowering: NodeLowering): void {
  const { begin, step } = attributesOf<EmbedAttributes>(lowering);
  const box = lowering.inputs[0]!.map((count, axis) => ({
    first: begin[axis]!,
    step: step[axis] ?? 1,
    count,
  }));
  const bytes = bytesOf(lowering.outputs[0]!, 'planar');
  const output = lowering.output(0, 'planar');
  lowering.step(fillKernel, ...fillRecord(output, bytes / FLOAT_BYTES, 0));
  putIn(lowering, 0, output, 'planar', box);
}
