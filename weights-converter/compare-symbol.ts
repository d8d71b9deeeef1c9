/**
 * A symbol file against our graphs: which official network it is, and where the two differ, node by node. Nodes are
 * matched by name; the operators are compared with their attributes, and so is where each input comes from.
 */
import { type Graph, type Node, type ValueRef } from '../src/graph/index.ts';
import { configure, type NetworkConfiguration, type NetworkKind, officialGraph } from '../src/nets/index.ts';
import { type OperatorName, operators } from '../src/ops/index.ts';
import { FormatError } from '../src/tensor/index.ts';
import { fromMxnet, type OperatorCall } from './mxnet-operators.ts';
import { isVariable, type MxnetSymbol, type SymbolNode, type SymbolRef } from './mxnet-symbol.ts';

export interface SymbolDifference {
  /** Name of the node, or of the graph's part. */
  readonly node: string;
  readonly message: string;
}

export interface SymbolComparison {
  readonly kind: NetworkKind;
  readonly configuration: NetworkConfiguration;
  readonly differences: readonly SymbolDifference[];
}

/** A size that every graph can be traced for; attributes do not depend on it. */
const ANY_SIZE = { height: 64, width: 64 };

/** Which official network a symbol describes, judged by its inputs and layers. Undefined when it is none. */
export function recogniseSymbol(
  symbol: MxnetSymbol,
): { readonly kind: NetworkKind; readonly configuration: NetworkConfiguration } | undefined {
  const nodes = new Map(symbol.nodes.map((node) => [node.name, node]));
  const inputs = new Set(symbol.inputs);
  if (!nodes.has('rfcn_cls') || !nodes.has('rpn_cls_score')) return undefined;
  const [flow, residual] = [nodes.has('flow_conv1'), nodes.has('conv1')];
  const filters = (name: string): number => Number(nodes.get(name)?.attributes['num_filter'] ?? 0);
  const kind: NetworkKind = inputs.has('label')
    ? flow
      ? 'train'
      : 'frame-train'
    : inputs.has('data_other')
      ? 'batch'
      : !inputs.has('feat_key')
        ? 'frame'
        : residual
          ? 'key'
          : 'current';
  const widthDivisor = residual ? 64 / filters('conv1') : 1024 / filters('Convolution5_scale');
  return {
    kind,
    configuration: configure({
      widthDivisor,
      depth: residual && !nodes.has('res4b22') ? 50 : 101,
      classes: filters('rfcn_cls') / 49,
      flowNetwork: flow && filters('flow_conv1') * widthDivisor === 32 ? 'half' : 'simple',
    }),
  };
}

/** Compares with the official graph of the same kind. @throws FormatError when it is no network that we know */
export function compareSymbol(symbol: MxnetSymbol): SymbolComparison {
  const known = recogniseSymbol(symbol);
  if (!known)
    throw new FormatError(
      'symbol: not one of the Deep Feature Flow or Frame R-FCN networks; nothing to compare with',
    );
  const graph = officialGraph(known.kind, known.configuration, ANY_SIZE);
  return { ...known, differences: [...compareNodes(symbol, graph), ...compareHeads(symbol, graph)] };
}

/** Nodes by name; of nodes with one name, in order. */
function byName<T extends { readonly name: string }>(nodes: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const node of nodes) groups.set(node.name, [...(groups.get(node.name) ?? []), node]);
  return groups;
}

function compareNodes(symbol: MxnetSymbol, graph: Graph): SymbolDifference[] {
  const theirs = byName(symbol.nodes.filter((node) => !isVariable(node)));
  const ours = byName(graph.nodes);
  const differences: SymbolDifference[] = [];
  for (const [name, nodes] of theirs) {
    const mine = ours.get(name) ?? [];
    if (mine.length !== nodes.length) {
      differences.push({
        node: name,
        message: `occurs ${nodes.length} times in the file, ${mine.length} times in ours`,
      });
      continue;
    }
    nodes.forEach((node, k) => {
      for (const message of compareNode(symbol, node, graph, mine[k]!))
        differences.push({ node: name, message });
    });
  }
  for (const name of ours.keys()) {
    if (!theirs.has(name)) differences.push({ node: name, message: 'is missing in the file' });
  }
  return differences;
}

function compareNode(symbol: MxnetSymbol, theirs: SymbolNode, graph: Graph, ours: Node): string[] {
  let call: OperatorCall;
  try {
    call = fromMxnet(theirs.operator, theirs.attributes);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  if (call.operator !== ours.operator)
    return [`is ${theirs.operator} (${call.operator}) in the file, ${ours.operator} in ours`];
  const attributes = { ...operators[call.operator satisfies OperatorName].defaults, ...call.attributes };
  const messages = Object.entries(ours.attributes)
    .filter(([name, value]) => !sameAttribute(value, (attributes as Record<string, unknown>)[name]))
    .map(([name, value]) => {
      const other = JSON.stringify((attributes as Record<string, unknown>)[name]);
      return `${name} is ${other} in the file, ${JSON.stringify(value)} in ours`;
    });
  const [left, right] = [
    theirs.inputs.map((ref) => sourceInFile(symbol, ref)),
    ours.inputs.map((ref) => sourceInGraph(graph, ref)),
  ];
  if (left.join() !== right.join())
    messages.push(`reads ${left.join(', ')} in the file, ${right.join(', ')} in ours`);
  return [...messages, ...compareWeight(theirs, graph, ours)];
}

/** Kernel and filters are attributes in MXNet and the weight's shape here. */
function compareWeight({ attributes }: SymbolNode, graph: Graph, ours: Node): string[] {
  const weight = ours.inputs[1];
  if (attributes['num_filter'] === undefined || weight?.from !== 'parameter') return [];
  const [first, second, ...kernel] = graph.parameters[weight.index]!.shape;
  const filters = ours.operator === 'deconvolution' ? second : first;
  const messages: string[] = [];
  if (filters !== attributes['num_filter'])
    messages.push(`has ${String(attributes['num_filter'])} filters in the file, ${filters} in ours`);
  if (!sameAttribute(kernel, attributes['kernel'])) {
    messages.push(
      `has a kernel of ${JSON.stringify(attributes['kernel'])} in the file, ${JSON.stringify(kernel)} in ours`,
    );
  }
  return messages;
}

function compareHeads(symbol: MxnetSymbol, graph: Graph): SymbolDifference[] {
  const theirs = symbol.heads.map((ref) => sourceInFile(symbol, ref)).join(', ');
  const ours = graph.outputs.map(({ value }) => sourceInGraph(graph, value)).join(', ');
  return theirs === ours ? [] : [{ node: 'outputs', message: `are ${theirs} in the file, ${ours} in ours` }];
}

/** `name` of a variable, `name:output` of a node. */
function sourceInFile({ nodes }: MxnetSymbol, { node, output }: SymbolRef): string {
  const source = nodes[node]!;
  return isVariable(source) ? source.name : `${source.name}:${output}`;
}

function sourceInGraph(graph: Graph, ref: ValueRef): string {
  if (ref.from === 'node') return `${graph.nodes[ref.index]!.name}:${ref.output}`;
  return (ref.from === 'input' ? graph.inputs : graph.parameters)[ref.index]!.name;
}

/** Equal values, where a single number of ours stands for both directions. */
function sameAttribute(ours: unknown, theirs: unknown): boolean {
  if (Array.isArray(ours) && Array.isArray(theirs))
    return ours.length === theirs.length && ours.every((value, k) => value === theirs[k]);
  if (Array.isArray(theirs)) return theirs.length === 2 && theirs.every((value) => value === ours);
  return ours === theirs;
}
