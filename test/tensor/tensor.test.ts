import { expect, test } from 'vitest';
import { type DType, ShapeError, tensor } from '../../src/tensor/index.ts';

test('a tensor is of one of two dtypes, whoever asks', () => {
  expect(tensor([1], [0.1]).data).toEqual(Float32Array.of(0.1));
  expect(tensor([1], Float64Array.of(0.1)).data).toEqual(Float64Array.of(0.1));
  expect(() => tensor([1], [1], 'int8' as DType)).toThrow(ShapeError);
  expect(() => tensor([1], [1], 'int8' as DType)).toThrow(
    'tensor: dtype is int8, expected float32 or float64',
  );
});
