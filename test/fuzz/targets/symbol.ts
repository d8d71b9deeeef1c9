/** Symbol files: parsed, every operator translated, compared with the official graphs, written again and read again. */
import { isDeepStrictEqual } from 'node:util';
import { compareSymbol } from '../../../weights-converter/compare-symbol.ts';
import { type MxnetSymbol, parseSymbol } from '../../../weights-converter/index.ts';
import { fromMxnet } from '../../../weights-converter/mxnet-operators.ts';
import { operators } from '../../../src/ops/index.ts';
import { symbolSamples } from '../corpus.ts';
import type { Damage } from '../mutations.ts';
import { accepted, demand, fileTarget, type Target } from '../target.ts';

export function symbolTarget(): Target<Damage> {
  return fileTarget('symbol', symbolSamples(), {
    attempt: attemptSymbol,
    // JSON text of two bytes a value becomes objects of a hundred; comparing traces a graph of ours.
    allowance: (size) => 256e6 + 256 * size,
    isValid: () => true,
    shortRuns: 500,
  });
}

async function attemptSymbol(bytes: Uint8Array): Promise<boolean> {
  const symbol = await accepted(() => parseSymbol(new TextDecoder().decode(bytes), 'x.json'));
  if (symbol === undefined) return false;
  symbol.nodes.forEach(({ inputs }, k) =>
    demand(
      inputs.every(({ node }) => node < k),
      () => `node ${k} has an input that comes later`,
    ),
  );
  for (const { operator, attributes } of symbol.nodes) {
    const call = await accepted(() => fromMxnet(operator, attributes));
    demand(
      call === undefined || Object.hasOwn(operators, call.operator),
      () => `${operator} becomes ${call!.operator}, which is no operator`,
    );
  }
  await accepted(() => compareSymbol(symbol));
  const again = parseSymbol(written(symbol), 'again');
  demand(isDeepStrictEqual(again, symbol), () => 'written and read again it is not the same');
  return true;
}

function written({ nodes, heads, version }: MxnetSymbol): string {
  return JSON.stringify({
    nodes: nodes.map(({ operator, name, attributeText, inputs }) => ({
      op: operator,
      name,
      attrs: attributeText,
      inputs: inputs.map(({ node, output }) => [node, output, 0]),
    })),
    heads: heads.map(({ node, output }) => [node, output, 0]),
    attrs: { mxnet_version: ['int', version] },
  });
}
