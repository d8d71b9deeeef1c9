/** The stored training steps of the reference data: what the official host parts made of real proposals. */
import { readFileSync } from 'node:fs';
import { readSafetensors, type Tensor, tensor } from '../../src/tensor/index.ts';
import { shared } from '../shared.ts';

/** Tensors of a file by name. */
export function stored(file: string): (name: string) => Tensor {
  const path = shared(`goldens/networks/narrow/train/${file}.safetensors`);
  const tensors = readSafetensors(readFileSync(path), file);
  return (name) => {
    const found = tensors.get(name);
    if (!found) throw new Error(`${file} has no ${name}`);
    return found;
  };
}

/** (1, G, 5), as it is stored, as a table (G, 5). */
export function table(boxes: Tensor): Tensor {
  return tensor(boxes.shape.slice(1), boxes.data);
}
