/** Reproducible numbers, so that every measurement computes the same. */
import { allocate, elementCount, type Shape, type Tensor } from '../../tensor/index.ts';

/** A generator of numbers in [0, 1): mulberry32, 32 bits of state. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

/** A float32 tensor of independent values of mean 0 and the given deviation, evenly distributed. */
export function randomTensor(shape: Shape, random: () => number, deviation: number = 1): Tensor {
  const data = allocate('float32', elementCount(shape));
  const width = deviation * Math.sqrt(12);
  for (let i = 0; i < data.length; i++) data[i] = (random() - 0.5) * width;
  return { shape, dtype: 'float32', data };
}
