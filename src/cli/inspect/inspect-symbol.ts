/** Looks at an MXNet symbol file. */
import {
  compareSymbol,
  describeNetwork,
  isVariable,
  type MxnetSymbol,
  parseSymbol,
  recogniseSymbol,
  type SymbolRef,
} from '../../../weights-converter/index.ts';
import type { InspectedSymbol } from './inspection.ts';

/** The graph, and how it differs from ours if it is one of this family. @throws FormatError when it is no symbol */
export function inspectSymbol(text: string, file: string): InspectedSymbol {
  const symbol = parseSymbol(text, file);
  const nodes = symbol.nodes
    .filter((node) => !isVariable(node))
    .map(({ name, operator, attributeText, inputs }) => ({
      name,
      operator,
      attributes: attributeText,
      inputs: inputs.map((ref) => refName(symbol, ref)),
    }));
  const outputs = symbol.heads.map((ref) => refName(symbol, ref));
  const version = versionText(symbol.version);
  const result: InspectedSymbol = { kind: 'symbol', version, nodes, variables: symbol.inputs, outputs };
  if (recogniseSymbol(symbol) === undefined) return result;
  const { kind, configuration, differences } = compareSymbol(symbol);
  const family = kind === 'frame' || kind === 'frame-train' ? 'frame' : 'dff';
  const name = `${describeNetwork({ family, configuration })}, graph ${kind}`;
  return { ...result, network: { name, differences } };
}

/** `conv1`, or `slice:1` where it is not the first output. */
function refName({ nodes }: MxnetSymbol, { node, output }: SymbolRef): string {
  const { name } = nodes[node]!;
  return output === 0 ? name : `${name}:${output}`;
}

/** 905 is 0.9.5. */
function versionText(version: number): string {
  return [Math.floor(version / 10_000), Math.floor(version / 100) % 100, version % 100].join('.');
}
