/** `dff export`: a network with its weights as an ONNX model. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { LoadedModel } from '../../dff/index.ts';
import { type Graph, optimize, type ParameterSource } from '../../graph/index.ts';
import { type NetworkSize, partialGraph } from '../../nets/index.ts';
import { writeAtomically } from '../../node/index.ts';
import { cutGraph, exportOnnx, type OnnxModel, OPSET, type RefusedNode } from '../../onnx/index.ts';
import { formatShape } from '../../tensor/index.ts';
import { type Command, defineCommand } from '../command.ts';
import { oneLine, UsageError } from '../failure.ts';
import { withInterrupts } from '../interrupt.ts';
import { sizeOptions } from '../network-size.ts';
import { openModel } from '../open-model.ts';
import { refuseOverwriting } from '../same-file.ts';
import { columns, counted, formatBytes } from '../table.ts';

const kinds = ['feature', 'flow', 'key', 'current', 'frame'] as const;
type Kind = (typeof kinds)[number];

/** Which of them a network of each family has. */
const kindsOf = {
  dff: ['feature', 'flow', 'key', 'current'],
  frame: ['feature', 'frame'],
} as const satisfies Record<LoadedModel['family'], readonly Kind[]>;

interface Request {
  readonly source: string;
  readonly target: string;
  readonly kind: Kind;
  readonly size: NetworkSize;
  readonly cut: boolean;
  readonly optimized: boolean;
}

/** What happened, as data. */
interface Export {
  readonly source: string;
  readonly target: string;
  readonly network: string;
  readonly graph: Kind;
  readonly opset: number;
  readonly inputs: OnnxModel['inputs'];
  readonly outputs: OnnxModel['outputs'];
  readonly nodes: number;
  /** Passes that changed something. */
  readonly passes: readonly string[];
  readonly cutAt: readonly RefusedNode[];
  readonly targetBytes: number;
  readonly seconds: number;
  readonly warnings: readonly string[];
}

export const exportCommand: Command = defineCommand({
  name: 'export',
  summary: 'Write a network as an ONNX model, to run it elsewhere.',
  details: [
    'Graphs: feature (images to feature maps) and flow (two images to flow and scale) are whole; key, current and frame choose and pool regions, which ONNX has no operators for, so they need --cut. Inputs are RGB minus the channel means, which the model holds as metadata beside the names of the classes. The file appears only when it is complete.',
  ],
  positionals: [
    { name: 'MODEL.safetensors', description: 'Weights, from dff convert. MXNet .params are read too.' },
    { name: 'OUT.onnx', description: 'Where to write.' },
  ],
  options: {
    graph: {
      kind: 'text',
      placeholder: 'NAME',
      required: true,
      description: `What to export: ${kinds.join(', ')}.`,
    },
    ...sizeOptions,
    height: {
      ...sizeOptions.height,
      description: 'Height of the images, as the network sees them. Shapes in the model are fixed.',
    },
    cut: {
      kind: 'flag',
      description: 'End the graph before what ONNX has no form for; what that reads becomes outputs.',
    },
    'as-traced': {
      kind: 'flag',
      description:
        'Leave batch norms and crops as they are. Left out, they are folded into the layers before them.',
    },
    json: { kind: 'flag', description: 'Print the report as JSON.' },
  },
  examples: [
    {
      command: 'dff export model.safetensors feature.onnx --graph feature',
      explanation: 'The residual network, for frames of 16:9',
    },
    {
      command: 'dff export model.safetensors flow.onnx --graph flow --height 600 --width 800',
      explanation: 'FlowNet with the scale field, for frames of 4:3',
    },
    {
      command: 'dff export model.safetensors current.onnx --graph current --cut',
      explanation: 'Everything of a carried frame up to the maps that regions are read from',
    },
  ],
  async run(options, [source = '', target = ''], { print, errors }) {
    const kind = kinds.find((name) => name === options.graph);
    if (kind === undefined) throw new UsageError(`--graph is ${options.graph}, expected ${kinds.join(', ')}`);
    if (resolve(source) === resolve(target)) {
      throw new UsageError(`${target}: is both source and target; give the target another name`);
    }
    await refuseOverwriting([target], [source]);
    const { height, width } = options;
    const rest = { cut: options.cut, optimized: !options['as-traced'] };
    const request = { source, target, kind, size: { height, width }, ...rest };
    const done = await withInterrupts((signal) => exportModel(request, signal));
    if (options.json) print(JSON.stringify(done, null, 2));
    else for (const line of columns(asRows(done))) print(line);
    for (const warning of done.warnings) errors.write(`dff: ${oneLine(warning)}\n`);
    return 0;
  },
});

async function exportModel(request: Request, signal: AbortSignal): Promise<Export> {
  const { source, target, kind, cut } = request;
  const start = performance.now();
  await using model = await openModel(source, 'memory');
  signal.throwIfAborted();
  const whole = graphOf(model, request);
  const { graph, cutAt } = cut ? cutGraph(whole) : { graph: whole, cutAt: [] };
  const { graph: prepared, parameters, passes } = prepare(graph, model.parameters, request.optimized);
  const onnx = exportOnnx(prepared, parameters, { name: kind, metadata: metadataOf(model, kind, cutAt) });
  await writeAtomically(target, async (sink) => {
    for (const chunk of onnx.chunks()) {
      signal.throwIfAborted();
      await sink.write(chunk);
    }
  });
  return {
    source,
    target,
    network: model.description,
    graph: kind,
    opset: OPSET,
    inputs: onnx.inputs,
    outputs: onnx.outputs,
    nodes: onnx.nodes,
    passes,
    cutAt,
    targetBytes: (await stat(target)).size,
    seconds: (performance.now() - start) / 1000,
    warnings: model.warnings,
  };
}

/** @throws UsageError when the network has no such graph */
function graphOf(model: LoadedModel, { source, kind, size }: Request): Graph {
  const known: readonly Kind[] = kindsOf[model.family];
  if (!known.includes(kind)) {
    throw new UsageError(`--graph is ${kind}, ${source} (${model.description}) has ${known.join(', ')}`);
  }
  return kind === 'feature' || kind === 'flow'
    ? partialGraph(kind, model.configuration, size)
    : model.graph(kind, size);
}

function prepare(
  graph: Graph,
  source: ParameterSource,
  optimized: boolean,
): { graph: Graph; parameters: ParameterSource; passes: readonly string[] } {
  if (!optimized) return { graph, parameters: source, passes: [] };
  const { graph: smaller, parameters, passes } = optimize(graph);
  return { graph: smaller, parameters: parameters(source), passes };
}

/** What somebody who has nothing but the file needs to know; in the words of our safetensors, where they say it too. */
function metadataOf(
  { description, pixelMeans, classNames }: LoadedModel,
  kind: Kind,
  cutAt: readonly RefusedNode[],
): Record<string, string> {
  return {
    network: description,
    graph: kind,
    pixel_means: pixelMeans.join(','),
    classes: classNames.join(','),
    ...(cutAt.length > 0 && { cut_at: cutAt.map(({ name }) => name).join(', ') }),
  };
}

function asRows(done: Export): (readonly string[])[] {
  const { source, target, network, graph, opset, inputs, outputs, nodes, cutAt, targetBytes, seconds } = done;
  const rows = (title: string, lines: readonly string[]): (readonly string[])[] =>
    lines.map((line, k) => [k === 0 ? title : '', line]);
  const ports = (title: string, list: OnnxModel['inputs']): (readonly string[])[] =>
    rows(
      title,
      list.map(({ name, shape }) => `${name} ${formatShape(shape)}`),
    );
  return [
    ['source', source],
    ['network', network],
    ['graph', `${graph}, ${counted(nodes, 'node')}, opset ${opset}`],
    ...ports('inputs', inputs),
    ...ports('outputs', outputs),
    ...rows(
      'cut before',
      cutAt.map(({ name, operator }) => `${name} (${operator})`),
    ),
    ['target', `${target}, ${formatBytes(targetBytes)}`],
    ['time', `${seconds.toFixed(2)} s`],
  ];
}
