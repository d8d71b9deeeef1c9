/**
 * How fast a detector is here: frames of each kind, from the decoded image to detections, and the nodes of their graphs.
 *
 * Key frames and current frames take turns, so that whatever else the machine does slows both; the first of each kind,
 * in which graphs are compiled, is measured apart.
 */
import type { Backend, NodeReport, PlanReport } from '../../backends/index.ts';
import type { Image } from '../../data/index.ts';
import { createDetector, type Detector, every, type Model } from '../../dff/index.ts';
import { type Graph, optimize, statistics } from '../../graph/index.ts';
import { movingShapes } from './frame.ts';
import { median } from './median.ts';
import { recording } from './recording.ts';

export interface MeasureRequest {
  readonly model: Model;
  readonly backend: Backend;
  /** Of the images as the network sees them, in pixels. */
  readonly height: number;
  readonly width: number;
  /** Measured frames of each kind. */
  readonly frames: number;
}

export interface MeasuredNode {
  readonly name: string;
  readonly operator: string;
  readonly kernel: string;
  /** The median of the frames. */
  readonly milliseconds: number;
  readonly multiplyAdds: number;
}

/** Frames of one kind. */
export interface MeasuredKind {
  /** `frame`: of a network that computes every frame from scratch. */
  readonly kind: 'key' | 'current' | 'frame';
  /** From the decoded image to detections; the median. */
  readonly milliseconds: number;
  /** The network's part of it. */
  readonly networkMilliseconds: number;
  /** Until the first such frame was done, compiling included. */
  readonly firstMilliseconds: number;
  readonly multiplyAdds: number;
  /** Memory of the plan, where the backend knows it. */
  readonly memoryBytes?: number;
  /** In the order of the graph. */
  readonly nodes: readonly MeasuredNode[];
}

export interface Measured {
  readonly backend: string;
  readonly mode?: string;
  readonly threads?: number;
  /** How it is computed, in the backend's words. */
  readonly notes: readonly string[];
  readonly kinds: readonly MeasuredKind[];
}

/** Times of one frame. */
interface Sample {
  readonly total: number;
  readonly network: number;
  readonly nodes: readonly NodeReport[];
}

/** @param onFrame told after each frame */
export async function measure(
  request: MeasureRequest,
  onFrame: (isKey: boolean) => void,
  signal: AbortSignal,
): Promise<Measured> {
  const { model, width, height } = request;
  const backend = recording(request.backend);
  const detector = createDetector({
    model,
    backend,
    policy: every(2),
    shortSide: Math.min(width, height),
    longSide: Math.max(width, height),
  });
  try {
    const samples = await collect(detector, request, onFrame, signal, (k) => backend.plans[k]!.plan.report());
    const reports = backend.plans.map(({ plan }) => plan.report());
    const kinds = samples.map((list, k) => {
      const kind = model.family === 'frame' ? 'frame' : k === 0 ? 'key' : 'current';
      return summarise(kind, list, backend.plans[k]!.graph, reports[k]!);
    });
    const { threads, notes = [] } = reports[0]!;
    return {
      backend: backend.name,
      ...(backend.mode !== undefined && { mode: backend.mode }),
      ...(threads !== undefined && { threads }),
      notes,
      kinds,
    };
  } finally {
    detector.dispose();
  }
}

/** How many frames `measure` runs. */
export function frameCount({ model, frames }: Pick<MeasureRequest, 'model' | 'frames'>): number {
  return (model.family === 'frame' ? 1 : 2) * (frames + 1);
}

/** Samples by graph: the first is that of key frames or of all frames, the second that of current frames. */
async function collect(
  detector: Detector,
  request: MeasureRequest,
  onFrame: (isKey: boolean) => void,
  signal: AbortSignal,
  report: (graph: number) => PlanReport,
): Promise<Sample[][]> {
  const { model } = request;
  const samples: Sample[][] = model.family === 'frame' ? [[]] : [[], []];
  for await (const { isKey, milliseconds } of detector.detect(clip(request), { signal })) {
    const graph = isKey ? 0 : 1;
    const { total, network } = milliseconds;
    samples[graph]!.push({ total, network, nodes: report(graph).nodes });
    onFrame(isKey);
  }
  return samples;
}

function* clip(request: MeasureRequest): Generator<Image> {
  const count = frameCount(request);
  for (let t = 0; t < count; t++) yield movingShapes(t, request.width, request.height);
}

function summarise(
  kind: MeasuredKind['kind'],
  [first, ...samples]: readonly Sample[],
  graph: Graph,
  { memoryBytes }: PlanReport,
): MeasuredKind {
  const multiplyAdds = costs(graph);
  const nodes = samples[0]!.nodes.map(({ name, operator, kernel }, k) => ({
    ...{ name, operator, kernel },
    milliseconds: median(samples.map((sample) => sample.nodes[k]!.milliseconds)),
    multiplyAdds: multiplyAdds.get(`${operator} ${name}`) ?? 0,
  }));
  return {
    kind,
    milliseconds: median(samples.map(({ total }) => total)),
    networkMilliseconds: median(samples.map(({ network }) => network)),
    firstMilliseconds: first!.total,
    multiplyAdds: statistics(graph).multiplyAdds,
    ...(memoryBytes !== undefined && { memoryBytes }),
    nodes,
  };
}

/** Multiply-adds by operator and name, of the nodes as they were traced and as a backend may have fused them. */
function costs(graph: Graph): ReadonlyMap<string, number> {
  const nodes = [graph, optimize(graph).graph].flatMap((each) => statistics(each).nodes);
  return new Map(nodes.map(({ operator, name, multiplyAdds }) => [`${operator} ${name}`, multiplyAdds]));
}
