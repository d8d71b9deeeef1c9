/**
 * fusedWarp: read a map where a flow points, times a scale, as one operator.
 *
 * Formula  out = bilinearSampler(data, gridGenerator(flow)) · scale
 * Source   What the pass fuseWarp makes of the three nodes that carry a key feature (see warp): neither the grid nor the
 *          unscaled feature is stored.
 * Bits     Those of the operators it stands for.
 * Edges    Those of gridGenerator (no flow one pixel high or wide) and bilinearSampler (zeros outside).
 * Kinks    Positions on whole numbers, as in bilinearSampler.
 * NaN      In the flow (infinities too): at that position, in all channels. In data and scale: where they are read.
 * Letters  N images, C channels, H × W pixels
 */
import { zeros } from '../tensor/tensor.ts';
import { combine, multiply } from './arithmetic.ts';
import { bilinearSampler, bilinearSamplerOperator } from './bilinear-sampler.ts';
import { checkShape, nchw } from './checks.ts';
import { elementwiseMul } from './elementwise-mul.ts';
import { gridGenerator, gridGeneratorOperator } from './grid-generator.ts';
import { apply, type Operator, type Value } from './operator.ts';

export const fusedWarpOperator: Operator<readonly ['data', 'flow', 'scale?']> = {
  name: 'fusedWarp',
  inputs: ['data', 'flow', 'scale?'],
  outputs: ['output'],
  defaults: {},

  shape([data, flow, scale]) {
    const [N, , H, W] = nchw('fusedWarp', 'data', data);
    checkShape('fusedWarp', 'flow', flow, [N, 2, H, W], 'as many images and pixels as data');
    gridGeneratorOperator.shape([flow], {}); // refuses maps one pixel high or wide
    if (scale) checkShape('fusedWarp', 'scale', scale, data, 'the shape of data');
    return [data];
  },

  forward([out], [data, flow, scale]) {
    const grid = zeros(flow.shape, flow.dtype);
    gridGeneratorOperator.forward([grid], [flow], {});
    bilinearSamplerOperator.forward([out], [data, grid], {});
    if (scale) combine(multiply, out, out, scale);
  },

  gradient([head], [data, flow, scale]) {
    const grid = gridGenerator(flow);
    const inner = scale ? elementwiseMul(head, scale) : head;
    const [toData, toGrid] = bilinearSamplerOperator.gradient!([inner], [data, grid], [head], {});
    return [
      toData,
      () => gridGeneratorOperator.gradient!([toGrid!()], [flow], [grid], {})[0]!(),
      scale && (() => elementwiseMul(head, bilinearSampler(data, grid))),
    ];
  },
};

/**
 * Data (N, C, H, W) read at every pixel plus the flow (N, 2, H, W: right, down, in pixels), times an optional scale
 * (N, C, H, W): what `warp` composes.
 *
 * @returns (N, C, H, W)
 * @throws ShapeError when flow or scale do not have the size of the data, or that is one pixel high or wide
 * @example fusedWarp(keyFeature, flow, scale)
 */
export function fusedWarp<V extends Value>(data: V, flow: V, scale?: V): V {
  return apply(fusedWarpOperator, [data, flow, scale], {})[0];
}
