/**
 * The two networks inside the official graphs, alone: for whoever measures, exports or exchanges one of them.
 *
 *   feature  images to feature maps: the residual network
 *   flow     two images to flow and scale field: FlowNet with its scale branch
 *
 * Nodes and parameters have their official names, so that the checkpoint of the whole network is that of its parts.
 */
import { match } from 'ts-pattern';
import { type Graph, type Network, trace } from '../graph/index.ts';
import { DffError } from '../tensor/errors.ts';
import type { Shape } from '../tensor/shape.ts';
import type { NetworkConfiguration } from './configuration.ts';
import { flownet } from './flownet.ts';
import { mxnetPrefix } from './names.ts';
import { checkImageSize, type NetworkSize } from './official.ts';
import { resnetFeature } from './resnet.ts';

export type PartKind = 'feature' | 'flow';

export const partKinds: readonly PartKind[] = ['feature', 'flow'];

/** The feature map of images; the output is called as in the graph of a key frame. */
export const featureNetwork =
  (configuration: NetworkConfiguration): Network<'data', 'feat_conv_3x3_relu_output'> =>
  (parameters, { data }) => ({ feat_conv_3x3_relu_output: resnetFeature(parameters, data, configuration) });

/** Flow from `data` to `data_key`, in feature pixels, and the scale field. */
export const flowNetwork =
  (configuration: NetworkConfiguration): Network<'data' | 'data_key', 'flow' | 'scale'> =>
  (parameters, { data, data_key }) => ({ ...flownet(parameters, data, data_key, configuration) });

/**
 * A part of the official network, traced for images of one size; `images` is their number, 1 by default.
 *
 * @throws FrameError for images of less than 33 pixels a side
 * @example partialGraph('flow', officialConfiguration, { height: 562, width: 1000 })
 */
export function partialGraph(
  kind: PartKind,
  configuration: NetworkConfiguration,
  size: Pick<NetworkSize, 'height' | 'width' | 'images'>,
): Graph {
  const { height, width, images = 1 } = size;
  if (!partKinds.includes(kind)) {
    throw new DffError(`network ${kind}: there is no such part, only ${partKinds.join(' and ')}`);
  }
  checkImageSize(kind, size);
  const image: Shape = [images, 3, height, width];
  const options = { prefix: mxnetPrefix };
  return match(kind)
    .with('feature', () => trace(featureNetwork(configuration), { data: image }, options))
    .with('flow', () => trace(flowNetwork(configuration), { data: image, data_key: image }, options))
    .exhaustive();
}
