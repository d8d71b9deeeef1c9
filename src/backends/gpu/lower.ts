/** Which kernels a node gets, or why it is computed elsewhere. */
import type { Node } from '../../graph/index.ts';
import type { OperatorName } from '../../ops/index.ts';
import { UnsupportedOpError } from '../../tensor/errors.ts';
import { elementCount } from '../../tensor/shape.ts';
import type { GpuOperator, Lowering, NodeView } from './kernel.ts';
import { gpuOperators } from './operators.ts';

export interface LoweringOptions {
  /** `fast` uses packed tensors where there is a kernel for them, `obvious` never does. */
  readonly kernels: 'fast' | 'obvious';
  /** What computes operators without a kernel. Without it they are an error. */
  readonly fallback: 'reference' | undefined;
  /** Waits for the device after every node, so that reports tell how long each took there. Slower. Default false. */
  readonly profile?: boolean;
}

export type Lowered =
  | { readonly where: 'device'; readonly kind: 'fast' | 'obvious'; readonly lowering: Lowering }
  /** On the processor, by the reference kernel. */
  | { readonly where: 'host'; readonly reason: string };

/** The kernels of a node's operator, if it has any. */
export function kernelsOf({ operator }: Node): GpuOperator | undefined {
  if (!Object.hasOwn(gpuOperators, operator)) return undefined;
  return gpuOperators[operator as OperatorName];
}

/** @throws UnsupportedOpError when there is no kernel and no fallback */
export function lower(node: Node, view: NodeView, { kernels, fallback }: LoweringOptions): Lowered {
  const shapes = [...view.inputs, ...view.outputs];
  if (shapes.some((shape) => elementCount(shape) === 0)) return { where: 'host', reason: 'empty tensors' };
  const operator = kernelsOf(node);
  if (!operator) {
    if (fallback) return { where: 'host', reason: 'no kernel' };
    throw new UnsupportedOpError(
      `backend gpu: node ${node.name}: operator ${node.operator} has no kernel; fallback: 'reference' runs it on the processor`,
    );
  }
  if (kernels === 'fast' && operator.onHost) return { where: 'host', reason: operator.onHost };
  const fast = kernels === 'fast' ? fastLowering(operator, view as NodeView<never>) : undefined;
  return fast
    ? { where: 'device', kind: 'fast', lowering: fast }
    : { where: 'device', kind: 'obvious', lowering: operator.obvious(view as NodeView<never>) };
}

function fastLowering(operator: GpuOperator, view: NodeView<never>): Lowering | undefined {
  const { packed, fourPlanes } = view.capabilities;
  if (packed) return operator.fast?.(view);
  return fourPlanes ? operator.fastPlain?.(view) : undefined;
}
