/** Sums, differences, products and quotients of two values, or of a value and a number. */
import type { ScalarAttributes } from '../../ops/index.ts';
import { type Converter, scalar } from '../converter.ts';

/** Both ONNX and our broadcasting operators repeat axes of size 1. */
const binary =
  (type: string): Converter =>
  ({ inputs, emit }) =>
    emit(type, inputs);

export const add: Converter = binary('Add');
export const subtract: Converter = binary('Sub');
export const multiply: Converter = binary('Mul');
export const divide: Converter = binary('Div');

/** @param side where the number stands */
const withScalar =
  (type: string, side: 'left' | 'right'): Converter<ScalarAttributes> =>
  (call) => {
    const [data] = call.inputs;
    const number = scalar(call, 'scalar', call.attributes.scalar);
    return call.emit(type, side === 'left' ? [number, data!] : [data!, number]);
  };

export const plusScalar: Converter<ScalarAttributes> = withScalar('Add', 'right');
export const minusScalar: Converter<ScalarAttributes> = withScalar('Sub', 'right');
export const rminusScalar: Converter<ScalarAttributes> = withScalar('Sub', 'left');
export const mulScalar: Converter<ScalarAttributes> = withScalar('Mul', 'right');
export const divScalar: Converter<ScalarAttributes> = withScalar('Div', 'right');
export const rdivScalar: Converter<ScalarAttributes> = withScalar('Div', 'left');
