/** Operators that move elements and compute nothing. Shapes are known, so codes and negative axes are resolved here. */
import {
  type ConcatAttributes,
  type CropAttributes,
  type EmbedAttributes,
  pair,
  type SliceAttributes,
  type SliceAxisAttributes,
  type SliceChannelAttributes,
  type TileAttributes,
  type TransposeAttributes,
} from '../../ops/index.ts';
import { elementCount, type Shape, stridesOf } from '../../tensor/shape.ts';
import type { Call, Converter } from '../converter.ts';

export const concat: Converter<ConcatAttributes> = ({ inputs, attributes, emit }) =>
  emit('Concat', inputs, { axis: { int: attributes.axis } });

/** The data under another shape. A size of 0 means itself, not that of the data. */
function reshaped({ emit, integers }: Pick<Call, 'emit' | 'integers'>, data: string, shape: Shape): string {
  return emit('Reshape', [data, integers('shape', shape)], { allowzero: { int: shape.includes(0) ? 1 : 0 } });
}

export const reshape: Converter = (call) => reshaped(call, call.inputs[0]!, call.outputShapes[0]!);

export const transpose: Converter<TransposeAttributes> = ({ inputs, inputShapes, attributes, emit }) => {
  const { axes } = attributes;
  const rank = inputShapes[0]!.length;
  const order =
    axes.length > 0 ? axes.map((axis) => (axis + rank) % rank) : [...Array(rank).keys()].toReversed();
  return emit('Transpose', inputs, { perm: { ints: order } });
};

/** Python's slices. ONNX has almost the same rule, but not for a negative step from before the first element. */
export const slice: Converter<SliceAttributes> = (call) => {
  const { begin, step } = call.attributes;
  const ranges = begin.map((first, axis) =>
    range(call.inputShapes[0]![axis]!, first, step[axis] ?? 1, call.outputShapes[0]![axis]!),
  );
  return call.emit('Slice', [
    call.inputs[0]!,
    call.integers(
      'starts',
      ranges.map(({ start }) => start),
    ),
    call.integers(
      'ends',
      ranges.map(({ end }) => end),
    ),
    call.integers('axes', [...begin.keys()]),
    call.integers(
      'steps',
      ranges.map((each) => each.step),
    ),
  ]);
};

/** A stretch of an axis that keeps `count` elements, as ONNX reads it: an end before the first is −size − 1. */
function range(
  size: number,
  begin: number | null,
  step: number,
  count: number,
): { readonly start: number; readonly end: number; readonly step: number } {
  if (count === 0) return { start: 0, end: 0, step: 1 };
  const first = begin ?? (step > 0 ? 0 : size - 1);
  const start = Math.min(Math.max(first < 0 ? first + size : first, 0), size - 1);
  const end = start + count * step;
  return { start, end: end < 0 ? -size - 1 : end, step };
}

/** A stretch on each of some axes. */
function stretch(
  { emit, integers }: Pick<Call, 'emit' | 'integers'>,
  data: string,
  axes: readonly number[],
  starts: readonly number[],
  lengths: readonly number[],
): string {
  const ends = starts.map((start, k) => start + lengths[k]!);
  return emit('Slice', [data, integers('starts', starts), integers('ends', ends), integers('axes', axes)]);
}

export const sliceAxis: Converter<SliceAxisAttributes> = (call) => {
  const [data] = call.inputShapes;
  const axis = (call.attributes.axis + data!.length) % data!.length;
  const { begin } = call.attributes;
  const start = begin < 0 ? begin + data![axis]! : begin;
  return stretch(call, call.inputs[0]!, [axis], [start], [call.outputShapes[0]![axis]!]);
};

/** Of `like` only the size matters, which is known. */
export const crop: Converter<CropAttributes> = (call) =>
  stretch(call, call.inputs[0]!, [2, 3], pair(call.attributes.offset), call.outputShapes[0]!.slice(2));

export const sliceChannel: Converter<SliceChannelAttributes> = (call) => {
  const { outputs, axis, squeeze } = call.attributes;
  const parts = call.emitMany('Split', call.inputs, outputs, { axis: { int: axis } });
  return squeeze ? parts.map((part, k) => reshaped(call, part, call.outputShapes[k]!)) : parts;
};

export const tile: Converter<TileAttributes> = (call) => {
  const { reps } = call.attributes;
  const [data] = call.inputShapes;
  const rank = call.outputShapes[0]!.length;
  const ones = (count: number): number[] => new Array<number>(count).fill(1);
  const widened = [...ones(rank - data!.length), ...data!];
  const source = widened.length > data!.length ? reshaped(call, call.inputs[0]!, widened) : call.inputs[0]!;
  return call.emit('Tile', [source, call.integers('reps', [...ones(rank - reps.length), ...reps])]);
};

/** Axes of size 1 repeat to the shape of the result. */
export const broadcastTo: Converter = ({ inputs, outputShapes, emit, integers }) =>
  emit('Expand', [inputs[0]!, integers('shape', outputShapes[0]!)]);

/** Next to each other in place, an embedding is padding; otherwise every element is sent to its position. */
export const embed: Converter<EmbedAttributes> = (call) => {
  const { shape, begin, step } = call.attributes;
  const [data] = call.inputShapes;
  const [source] = call.inputs;
  if (step.every((distance) => distance === 1)) {
    const after = shape.map((size, axis) => size - begin[axis]! - data![axis]!);
    return call.emit('Pad', [source!, call.integers('pads', [...begin, ...after])]);
  }
  const total = [elementCount(shape)];
  const zeros = call.emit('ConstantOfShape', [call.integers('elements', total)], { value: { fill: 0 } });
  const flat = reshaped(call, source!, [elementCount(data!)]);
  const places = call.integers('places', positions(data!, call.attributes));
  return reshaped(call, call.emit('ScatterElements', [zeros, places, flat]), shape);
};

/** Where each element of the data lies in the flattened result. */
function positions(data: Shape, { shape, begin, step }: Required<EmbedAttributes>): number[] {
  const strides = stridesOf(shape);
  return data.reduce<number[]>(
    (places, size, axis) =>
      places.flatMap((place) =>
        Array.from(
          { length: size },
          (_, i) => place + (begin[axis]! + i * (step[axis] ?? 1)) * strides[axis]!,
        ),
      ),
    [0],
  );
}
