/** tile on the device: see `src/ops/tile.ts`. The fast kernel repeats a single image. */
import type { TileAttributes } from '../../ops/index.ts';
import type { GpuOperator } from './kernel.ts';
import { assemblyStep } from './packed-assembly.ts';
import { gathering } from './places.ts';

export const tileKernels: GpuOperator<TileAttributes> = {
  obvious({ inputs, outputs }) {
    const missing = outputs[0]!.length - inputs[0]!.length; // axes that the data gets in front
    const places = inputs[0]!.map((size, axis) => ({
      follows: axis + missing,
      at: (index: number) => index % size,
    }));
    return gathering(outputs[0]!, { shape: inputs[0]!, places });
  },
  fast(node) {
    const [data, result] = [node.inputs[0]!, node.outputs[0]!];
    if (data[0] !== 1 || data.some((size, axis) => axis > 0 && size !== result[axis])) return undefined;
    const step = assemblyStep(node, 0, [{ input: 0 }]);
    return step && { steps: [step], outputs: [0] };
  },
};
