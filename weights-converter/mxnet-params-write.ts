/** Writing MXNet `.params` files, for MXNet to load: all versions read the legacy form, 0.12 to 1.9 also V2. */
import { type ByteSink, concatenate } from '../src/tensor/byte-source.ts';
import { encodeElements, elementTypeOf } from '../src/tensor/elements.ts';
import { FormatError } from '../src/tensor/errors.ts';
import { quoted } from '../src/tensor/safetensors/json.ts';
import type { SafetensorsContent, SafetensorsEntry } from '../src/tensor/safetensors/write.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { arrayMagic, typeFlags } from './mxnet-array.ts';
import { LIST_MAGIC } from './mxnet-params.ts';

/** `legacy` until May 2017, including the MXNet of the released models; `v2` from 0.12 to 1.9. */
export type ParamsWriteForm = 'legacy' | 'v2';

/** Element types that existed when the legacy form did: flags 0 to 4. */
const LEGACY_TYPES = 5;

type Field = readonly [width: 'uint32' | 'uint64', value: number];

function fields(...list: readonly Field[]): Uint8Array {
  const bytes = new Uint8Array(list.reduce((sum, [width]) => sum + (width === 'uint32' ? 4 : 8), 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const [width, value] of list) {
    if (width === 'uint32') view.setUint32(offset, value, true);
    else view.setBigUint64(offset, BigInt(value), true);
    offset += width === 'uint32' ? 4 : 8;
  }
  return bytes;
}

/** Everything of an array record that comes before its data. */
function recordHead({ name, type, shape }: SafetensorsEntry, form: ParamsWriteForm): Uint8Array {
  const flag = typeFlags.indexOf(type);
  const legacy = form === 'legacy';
  const refuse = (why: string): FormatError =>
    new FormatError(`params: array ${quoted(name)} cannot be written in the ${form} form, ${why}`);
  if (flag < 0 || (legacy && flag >= LEGACY_TYPES)) throw refuse(`it has no element type ${type}`);
  if (shape.length === 0) throw refuse('it has no scalars; give it the shape [1]');
  if (legacy && shape.some((size) => size > 0xffffffff)) throw refuse('sizes have 32 bits');
  const sizes = shape.map((size): Field => [legacy ? 'uint32' : 'uint64', size]);
  const start: Field[] = legacy
    ? []
    : [
        ['uint32', arrayMagic.v2],
        ['uint32', 0],
      ]; // 0: dense
  const device: Field[] = [
    ['uint32', 1],
    ['uint32', 0],
  ]; // the first CPU
  return fields(...start, ['uint32', shape.length], ...sizes, ...device, ['uint32', flag]);
}

function listHead(count: number): Uint8Array {
  return fields(['uint64', LIST_MAGIC], ['uint64', 0], ['uint64', count]);
}

function nameList(names: readonly string[]): Uint8Array {
  const encoder = new TextEncoder();
  const parts = names.flatMap((name) => {
    const text = encoder.encode(name);
    return [fields(['uint64', text.length]), text];
  });
  return concatenate([fields(['uint64', names.length]), ...parts]);
}

/**
 * Writes a `.params` file array by array, in the order given.
 *
 * @param named false leaves the names out: the file is then a plain list
 * @throws FormatError for scalars and element types that the form does not have
 */
export async function writeParams(
  sink: ByteSink,
  contents: readonly SafetensorsContent[],
  form: ParamsWriteForm,
  named = true,
): Promise<void> {
  await sink.write(listHead(contents.length));
  for (const content of contents) {
    await sink.write(recordHead(content, form));
    for await (const piece of content.bytes()) await sink.write(piece);
  }
  await sink.write(nameList(named ? contents.map(({ name }) => name) : []));
}

/**
 * Tensors as the bytes of a `.params` file.
 *
 * @example encodeParams([['arg:fc_bias', tensor([2], [1, 2])]], 'legacy')
 */
export function encodeParams(
  arrays: Iterable<readonly [name: string, tensor: Tensor]>,
  form: ParamsWriteForm,
): Uint8Array {
  const list = [...arrays];
  const records = list.flatMap(([name, { dtype, shape, data }]) => [
    recordHead({ name, type: elementTypeOf(dtype), shape }, form),
    encodeElements(data),
  ]);
  return concatenate([listHead(list.length), ...records, nameList(list.map(([name]) => name))]);
}
