/**
 * The four arithmetic operations: with broadcasting, on equal shapes, with a scalar, and rpnInverseNormalize, which is a
 * product and a sum.
 */
import type { RpnInverseNormalizeAttributes, ScalarAttributes } from '../../../ops/index.ts';
import type { Shape } from '../../../tensor/shape.ts';
import type { Address } from '../kernel.ts';
import { combineKernel, type Operation } from '../kernels/combine.ts';
import { BLOCK, bytesOf, type Layout, placedShape } from '../layout.ts';
import type { Lower, NodeLowering } from '../lowering.ts';
import { repeating, type Side, walkStep } from './walk.ts';

/** An operand: an input by its number, or the scalar attribute. */
type Term = number | 'scalar';

const onNumbers: Readonly<Record<Operation, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
};

export function lowerArithmetic(operation: Operation, left: Term, right: Term): Lower {
  return (lowering) => {
    const layout = chooseLayout(lowering, operation, [left, right]);
    const sides = [left, right].map((term) => sideOf(lowering, term, layout)) as [Side, Side];
    combine(lowering, operation, layout, sides, lowering.output(0, layout));
  };
}

/**
 * Blocks where all operands of the full size are in blocks already, unless lanes beyond the channels could become other
 * than finite: they hold zeros, or one that repeats over the channels puts a number there.
 */
function chooseLayout(lowering: NodeLowering, operation: Operation, terms: readonly Term[]): Layout {
  const [output] = lowering.outputs as readonly [Shape];
  if (output.length !== 4) return 'planar';
  const inputs = terms.filter((term) => term !== 'scalar');
  const isFull = (k: number): boolean => lowering.inputs[k]!.every((size, axis) => size === output[axis]);
  const full = inputs.filter(isFull);
  if (full.length === 0 || !full.every((k) => lowering.has(k, 'blocks'))) return 'planar';
  if (output[1]! % BLOCK === 0) return 'blocks';
  const [a, b] = terms.map((term) => (term === 'scalar' ? scalarOf(lowering)[0]! : 0)) as [number, number];
  return full.length === inputs.length && Number.isFinite(onNumbers[operation](a, b)) ? 'blocks' : 'planar';
}

/** The scalar attribute, rounded as the data are. */
function scalarOf({ node }: NodeLowering): Float32Array {
  return Float32Array.of((node.attributes as unknown as ScalarAttributes).scalar);
}

function sideOf(lowering: NodeLowering, term: Term, layout: Layout): Side {
  const [output] = lowering.outputs as readonly [Shape];
  if (term === 'scalar') {
    const strides = placedShape(output, layout).map(() => 0);
    return { address: lowering.constant(scalarOf(lowering)), strides };
  }
  const shape = lowering.inputs[term]!;
  if (layout === 'planar') return repeating(lowering.input(term, 'planar'), shape);
  // One channel that repeats over those of blocks stays planar: its pixels are blocks of one.
  if (shape[1] !== output[1]) return repeating(lowering.input(term, 'planar'), [...shape, 1]);
  return repeating(lowering.input(term, 'blocks'), placedShape(shape, 'blocks'));
}

function combine(
  lowering: NodeLowering,
  operation: Operation,
  layout: Layout,
  sides: readonly [Side, Side],
  output: Address,
): void {
  walkStep(lowering, combineKernel(operation), placedShape(lowering.outputs[0]!, layout), sides, { output });
}

export function lowerRpnInverseNormalize(lowering: NodeLowering): void {
  const { means, deviations } = lowering.node
    .attributes as unknown as Required<RpnInverseNormalizeAttributes>;
  const [output] = lowering.outputs as readonly [Shape];
  const channels: Shape = [1, output[1]!, 1, 1];
  const ofChannels = (four: readonly number[]): Side => {
    const repeated = Float32Array.from({ length: output[1]! }, (_, channel) => four[channel % 4]!);
    return repeating(lowering.constant(repeated), channels);
  };
  const scaled = lowering.scratch(bytesOf(output, 'planar'));
  const data = repeating(lowering.input(0, 'planar'), output);
  combine(lowering, 'multiply', 'planar', [data, ofChannels(deviations)], scaled);
  const result = lowering.output(0, 'planar');
  combine(lowering, 'add', 'planar', [repeating(scaled, output), ofChannels(means)], result);
}
