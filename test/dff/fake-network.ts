/**
 * A network of canned answers behind the backend interface: it notes every run and reports one region, so that what
 * the detector does with frames can be seen without computing anything.
 */
import type { Backend, DeviceTensor, Fed } from '../../src/backends/index.ts';
import type { Model } from '../../src/dff/model.ts';
import type { Graph } from '../../src/graph/index.ts';
import type { NetworkKind, NetworkSize } from '../../src/nets/index.ts';
import { type Tensor, tensor, zeros } from '../../src/tensor/index.ts';

export interface Run {
  readonly kind: string;
  readonly feeds: Readonly<Record<string, Fed>>;
  readonly keepOnDevice: readonly string[];
}

/** A graph that only has the right ports, and the values that may be kept. */
function fakeGraph(kind: NetworkKind, { height, width, images = 1 }: NetworkSize): Graph {
  const image = [1, 3, height, width];
  const [count, inputs] =
    kind === 'batch'
      ? [images + 1, { data_key: image, data_other: [images, 3, height, width] }]
      : [
          kind === 'frame' ? images : 1,
          kind === 'frame'
            ? { data: [images, 3, height, width] }
            : { data: image, data_key: image, feat_key: [1, 8, 1, 1] },
        ];
  const names = [
    'rois',
    ...(kind === 'key' ? ['feat_conv_3x3_relu'] : []),
    ...(kind === 'current' ? ['warping_feat'] : []),
  ];
  return {
    inputs: Object.entries({ ...inputs, im_info: [count, 3] }).map(([name, shape]) => ({ name, shape })),
    parameters: [],
    nodes: names.map((name) => ({
      name,
      operator: kind,
      attributes: {},
      inputs: [],
      outputs: ['output'],
      shapes: [[1]],
    })),
    outputs: [],
  };
}

export const fakeModel = (family: 'dff' | 'frame' = 'dff'): Model => ({
  family,
  parameters: new Map(),
  graph: fakeGraph,
  classNames: ['background', 'thing'],
  pixelMeans: [123.15, 115.9, 103.06],
});

export interface FakeBackend extends Backend {
  readonly runs: Run[];
  /** Device tensors that are alive. */
  readonly alive: Set<DeviceTensor>;
  readonly compiled: string[];
  disposed: boolean;
}

export function fakeBackend(): FakeBackend {
  const [runs, compiled]: [Run[], string[]] = [[], []];
  const alive = new Set<DeviceTensor>();
  const onDevice = (content: Tensor): DeviceTensor => {
    const held: DeviceTensor = {
      backend: 'fake',
      shape: content.shape,
      read: () => Promise.resolve(content),
      dispose: () => void alive.delete(held),
    };
    alive.add(held);
    return held;
  };
  const backend: FakeBackend = {
    name: 'fake',
    runs,
    alive,
    compiled,
    disposed: false,
    compile(graph) {
      const kind = graph.nodes[0]!.operator;
      compiled.push(kind);
      return Promise.resolve({
        async run(feeds, { signal, keepOnDevice = [] } = {}) {
          await Promise.resolve();
          signal?.throwIfAborted();
          runs.push({ kind, feeds, keepOnDevice });
          const images = (feeds['im_info'] as Tensor).shape[0]!;
          const regions = Array.from({ length: images }, (_, n) => [n, 2, 2, 5 + n, 5 + n]).flat();
          return {
            rois_output: tensor([images, 5], regions),
            cls_prob_reshape_output: tensor(
              [1, images, 2],
              regions.filter((_, i) => i % 5 < 2).map((_, i) => [0.1, 0.9][i % 2]!),
            ),
            bbox_pred_reshape_output: zeros([1, images, 8]),
            warping_feat_output: zeros([1]),
            ...Object.fromEntries(keepOnDevice.map((name) => [name, onDevice(tensor([1], [runs.length]))])),
          };
        },
        report: () => ({ backend: 'fake', nodes: [], passes: [] }),
        dispose: () => void compiled.splice(compiled.indexOf(kind), 1),
      });
    },
    dispose() {
      backend.disposed = true;
    },
  };
  return backend;
}
