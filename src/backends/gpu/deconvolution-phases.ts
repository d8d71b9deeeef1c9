/**
 * A deconvolution at stride s as s × s convolutions: which taps reach which output pixels.
 *
 * Letters  H × W input, P × Q output, I × J taps
 */
import { type DeconvolutionAttributes, type Pair, pair } from '../../ops/index.ts';
import type { NodeView } from './kernel.ts';

/** Attributes of both operators. */
export interface EnlargementAttributes extends Required<DeconvolutionAttributes> {
  /** Of the fused operator: the window that is kept, and its activation. */
  readonly offset?: Pair;
  readonly slope?: number;
}

/** Where the window begins in the map before padding is taken off. */
export function begin({ pad, offset = 0 }: EnlargementAttributes): readonly [top: number, left: number] {
  const [[padY, padX], [offsetY, offsetX]] = [pair(pad), pair(offset)];
  return [padY + offsetY, padX + offsetX];
}

/** The taps that reach output position `phase` of every `stride`: each second one for a stride of 2, last one first. */
export function tapsOfPhase(phase: number, taps: number, stride: number): { offset: number; tap: number }[] {
  return Array.from({ length: taps }, (_, tap) => ({ offset: (phase - tap) / stride, tap })).filter(
    ({ offset }) => Number.isInteger(offset),
  );
}

/** Zeros around the data that the phases read beyond its edges. */
export function phaseBorder({ attributes, inputs, outputs }: NodeView<EnlargementAttributes>): number {
  const [stride] = pair(attributes.stride);
  const reach = ([size, taps, first, positions]: readonly number[]): number => {
    const last = Math.ceil(positions! / stride) - 1;
    const before = Math.floor((taps! - 1 - first!) / stride);
    const after = last + Math.floor((stride - 1 + first!) / stride) - (size! - 1);
    return Math.max(0, before, after);
  };
  const [top, left] = begin(attributes);
  const axis = (k: number, first: number): number =>
    reach([inputs[0]![k]!, inputs[1]![k]!, first, outputs[0]![k]!]);
  return Math.max(axis(2, top), axis(3, left));
}
