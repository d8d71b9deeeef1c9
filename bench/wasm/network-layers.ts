/** The distinct convolutions and deconvolutions of both networks and of the heads that they share. */
import { officialGraph } from '../../src/nets/index.ts';
import { describeLayer } from '../gpu/results.ts';
import { type LayerWork, layerWork } from '../gpu/work.ts';
import type { Work } from './api.ts';
import { sizeFor } from './size.ts';

export type NetworkName = 'ResNet-101' | 'FlowNet' | 'heads';

const HEADS = /^r(pn|fcn)_/;

export function networkLayers({ quick, filter }: Pick<Work, 'quick' | 'filter'>): [NetworkName, LayerWork][] {
  const { configuration, ...size } = sizeFor(quick);
  const of = (kind: 'key' | 'current', network: NetworkName): [NetworkName, LayerWork][] =>
    layerWork(officialGraph(kind, configuration, size)).map((layer) => [
      HEADS.test(layer.name) ? 'heads' : network,
      layer,
    ]);
  const all = [...of('key', 'ResNet-101'), ...of('current', 'FlowNet').filter(([name]) => name !== 'heads')];
  return all.filter(([, layer]) => `${layer.name} ${describeLayer(layer)}`.includes(filter));
}
