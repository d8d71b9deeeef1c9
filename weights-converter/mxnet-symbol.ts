/**
 * MXNet symbol files (`prefix-symbol.json`): the graph of a network, without weights. Versions differ in where they
 * keep attributes (`param`, `attr`, `attrs`) and in how long the references to other nodes are; all are read.
 */
import { FormatError } from '../src/tensor/errors.ts';
import { quoted } from '../src/tensor/safetensors/json.ts';
import type { MxnetAttributes } from './mxnet-attributes.ts';
import { pythonLiteral } from './python-literal.ts';

/** An output of a node. */
export interface SymbolRef {
  readonly node: number;
  readonly output: number;
}

export interface SymbolNode {
  /** MXNet's operator, e.g. `Convolution`; `null` (the word) for a variable. */
  readonly operator: string;
  readonly name: string;
  /** What was passed to the operator, read as Python literals: `(3, 3)` is [3, 3]. Defaults are left out. */
  readonly attributes: MxnetAttributes;
  /** The same as the file has it. */
  readonly attributeText: Readonly<Record<string, string>>;
  readonly inputs: readonly SymbolRef[];
}

export interface MxnetSymbol {
  /** In an order in which they can be computed. */
  readonly nodes: readonly SymbolNode[];
  /** Names of the variables in order: data, labels and parameters. */
  readonly inputs: readonly string[];
  /**
   * Names of what checkpoints store as `aux:`: moving means and variances of batch norms. Among the inputs since
   * 0.9; older files do not mention them.
   */
  readonly auxiliaryStates: readonly string[];
  readonly heads: readonly SymbolRef[];
  /** Version of the writer: major · 10000 + minor · 100 + patch, e.g. 905. Files that do not say are 0.8.0. */
  readonly version: number;
}

const UNVERSIONED = 800;

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Reads a symbol file.
 *
 * @param file what messages call it
 * @throws FormatError when it is no symbol file, or its nodes do not fit together
 */
export function parseSymbol(text: string, file = 'symbol'): MxnetSymbol {
  const top = asObject(parseJson(text, file), file);
  if (top['nodes'] === undefined)
    throw new FormatError(`${file}: JSON, but not an MXNet symbol, it has no nodes`);
  const list = asArray(top['nodes'], `${file}: nodes`);
  const nodes = list.map((node, k) => readNode(node, k, `${file}: node ${k}`));
  nodes.forEach((node, k) => checkInputs(node, k, file));
  const heads = asArray(top['heads'], `${file}: heads`).map((head, k) =>
    readRef(head, nodes.length, `${file}: head ${k}`),
  );
  const inputs = nodes.filter(isVariable).map(({ name }) => name);
  return {
    nodes,
    inputs,
    auxiliaryStates: auxiliaryStates(nodes),
    heads,
    version: readVersion(top['attrs'], file),
  };
}

export function isVariable({ operator }: SymbolNode): boolean {
  return operator === 'null';
}

function parseJson(text: string, file: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error);
    throw new FormatError(`${file}: not JSON, ${reason}`);
  }
}

function asObject(value: Json | undefined, where: string): { readonly [key: string]: Json } {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as { readonly [key: string]: Json };
  }
  throw new FormatError(`${where}: expected an object, got ${describe(value)}`);
}

function asArray(value: Json | undefined, where: string): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  throw new FormatError(`${where}: expected a list, got ${describe(value)}`);
}

function asText(value: Json | undefined, where: string): string {
  if (typeof value === 'string') return value;
  throw new FormatError(`${where}: expected text, got ${describe(value)}`);
}

function describe(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : quoted(String(value));
}

function readNode(value: Json, k: number, where: string): SymbolNode {
  const node = asObject(value, where);
  const attributeText: [string, string][] = [];
  for (const key of ['param', 'attr', 'attrs']) {
    if (node[key] === undefined) continue;
    for (const [name, text] of Object.entries(asObject(node[key], `${where}, ${key}`))) {
      attributeText.push([name, asText(text, `${where}, attribute ${quoted(name)}`)]);
    }
  }
  return {
    operator: asText(node['op'], `${where}, op`),
    name: asText(node['name'], `${where}, name`),
    attributes: Object.fromEntries(attributeText.map(([name, text]) => [name, pythonLiteral(text)])),
    attributeText: Object.fromEntries(attributeText),
    inputs: asArray(node['inputs'] ?? [], `${where}, inputs`).map((input) =>
      readRef(input, k, `${where}, input`),
    ),
  };
}

/** `[node, output]`, since 0.9 with a version that nothing uses. Only nodes before `limit` may be meant. */
function readRef(value: Json, limit: number, where: string): SymbolRef {
  const [node, output = 0] = asArray(value, where);
  if (!isIndex(node) || !isIndex(output)) {
    throw new FormatError(
      `${where}: ${describe(node)} and ${describe(output)} is no pair of node and output`,
    );
  }
  if (node >= limit) throw new FormatError(`${where}: refers to node ${node}, expected one before ${limit}`);
  return { node, output };
}

function isIndex(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

function checkInputs(node: SymbolNode, k: number, file: string): void {
  if (!isVariable(node) || node.inputs.length === 0) return;
  throw new FormatError(`${file}: node ${k} (${quoted(node.name)}) is a variable but has inputs`);
}

/** Batch norms take data, gamma, beta, moving mean and moving variance; old files stop after beta. */
function auxiliaryStates(nodes: readonly SymbolNode[]): string[] {
  const names = nodes
    .filter(({ operator }) => operator === 'BatchNorm')
    .flatMap(({ name, inputs }) =>
      inputs.length > 3
        ? inputs.slice(3).map((input) => nodes[input.node]!.name)
        : [`${name}_moving_mean`, `${name}_moving_var`],
    );
  return [...new Set(names)];
}

/** `"attrs": {"mxnet_version": ["int", 905]}` */
function readVersion(attributes: Json | undefined, file: string): number {
  if (attributes === undefined) return UNVERSIONED;
  const stored = asObject(attributes, `${file}: attrs`)['mxnet_version'];
  if (stored === undefined) return UNVERSIONED;
  const [, version] = asArray(stored, `${file}: mxnet_version`);
  if (isIndex(version)) return version;
  throw new FormatError(`${file}: mxnet_version: expected a whole number, got ${describe(version)}`);
}
