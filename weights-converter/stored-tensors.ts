/** Tensors that stay in their file: a map that reads one each time it is asked for, and keeps none. */
import { cast, type Tensor } from '../src/tensor/tensor.ts';

/** Something that can be read at once, without waiting. */
interface Stored {
  readNow(): Tensor;
}

/** @param stored by name */
export function storedTensors(stored: ReadonlyMap<string, Stored>): ReadonlyMap<string, Tensor> {
  const read = (entry: Stored): Tensor => cast(entry.readNow(), 'float32');
  function* entries(): MapIterator<[string, Tensor]> {
    for (const [name, entry] of stored) yield [name, read(entry)];
  }
  function* values(): MapIterator<Tensor> {
    for (const entry of stored.values()) yield read(entry);
  }
  const map: ReadonlyMap<string, Tensor> = {
    size: stored.size,
    has: (name) => stored.has(name),
    get(name) {
      const entry = stored.get(name);
      return entry && read(entry);
    },
    keys: () => stored.keys(),
    values,
    entries,
    [Symbol.iterator]: entries,
    forEach(visit) {
      for (const [name, tensor] of entries()) visit(tensor, name, map);
    },
  };
  return map;
}
