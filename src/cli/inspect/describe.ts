/** What was found in a file, as text for people. */
import { match } from 'ts-pattern';
import { formatShape } from '../../tensor/index.ts';
import { oneLine } from '../failure.ts';
import { columns, counted, formatBytes } from '../table.ts';
import type { InspectedArray, InspectedNetwork, InspectedSymbol, Inspection } from './inspection.ts';

/** How many offenders of a kind are listed; `--json` has all. */
const SHOWN = 10;

export function describe(inspection: Inspection): string[] {
  const size = `${inspection.bytes} bytes (${formatBytes(inspection.bytes)})`;
  return match(inspection)
    .with({ kind: 'image' }, ({ file, format, width, height }) => [
      `${oneLine(file)}: ${format.toUpperCase()} image, ${width}x${height} pixels, ${size}`,
    ])
    .with({ kind: 'params' }, ({ file, forms, warnings, arrays, elements, dataBytes, network }) => [
      `${oneLine(file)}: MXNet parameters, form ${forms.join(' and ') || 'unknown (no arrays)'}, ${size}`,
      '',
      ...arrayTable(arrays),
      '',
      totals(arrays.length, elements, dataBytes),
      ...warnings.map((warning) => `warning: ${oneLine(warning)}`),
      ...describeRecognised(network),
    ])
    .with({ kind: 'safetensors' }, ({ file, metadata, arrays, elements, dataBytes, network }) => [
      `${oneLine(file)}: safetensors, ${size}`,
      '',
      ...columns([...Object.entries(metadata), ['', '']].map(([key = '', value = '']) => [key, value])),
      ...arrayTable(arrays),
      '',
      totals(arrays.length, elements, dataBytes),
      ...describeRecognised(network),
    ])
    .with({ kind: 'symbol' }, (symbol) => [
      `${oneLine(symbol.file)}: MXNet symbol, written by ${symbol.version}, ${size}`,
      '',
      ...describeSymbol(symbol),
    ])
    .exhaustive();
}

function arrayTable(arrays: readonly InspectedArray[]): string[] {
  const rows = arrays.map(({ name, type, shape, storage }) => {
    const size = storage === 'none' ? 'no shape' : formatShape(shape);
    return [name, type, storage === 'dense' || storage === 'none' ? size : `${size} ${storage}`];
  });
  return columns([['NAME', 'TYPE', 'SHAPE'], ...rows]);
}

function totals(arrays: number, elements: number, bytes: number): string {
  return `${counted(arrays, 'array')}, ${counted(elements, 'number')}, ${formatBytes(bytes)}`;
}

function describeRecognised(network: InspectedNetwork): string[] {
  if (!network.recognised) return [`network: not recognised (${oneLine(network.reason)})`];
  const { name, complete, missing, unexpected, misshapen } = network;
  return [
    `network: ${name}, ${complete ? 'complete' : 'not complete'}`,
    ...offenders('missing', missing),
    ...offenders('unexpected', unexpected),
    ...offenders('of another shape', misshapen),
  ];
}

function offenders(what: string, list: readonly string[]): string[] {
  if (list.length === 0) return [];
  const more = list.length > SHOWN ? [`  and ${list.length - SHOWN} more`] : [];
  return [`${list.length} ${what}:`, ...list.slice(0, SHOWN).map((item) => `  ${oneLine(item)}`), ...more];
}

function describeSymbol({ nodes, variables, outputs, network }: InspectedSymbol): string[] {
  const rows = nodes.map(({ name, operator, attributes, inputs }) => [
    name,
    operator,
    Object.entries(attributes)
      .map(([key, value]) => `${key}=${value.replaceAll(', ', ',')}`)
      .join(' '),
    inputs.join(' '),
  ]);
  return [
    ...columns([['NODE', 'OPERATOR', 'ATTRIBUTES', 'INPUTS'], ...rows]),
    '',
    `${counted(nodes.length, 'node')}, ${counted(variables.length, 'variable')}, outputs ${outputs.map(oneLine).join(', ')}`,
    ...(network === undefined
      ? ['network: none of the Deep Feature Flow or Frame R-FCN graphs']
      : [`network: ${network.name}`, ...differenceLines(network.differences)]),
  ];
}

function differenceLines(
  differences: readonly { readonly node: string; readonly message: string }[],
): string[] {
  if (differences.length === 0) return ['no difference from ours'];
  return [
    `${counted(differences.length, 'difference')} from ours:`,
    ...differences.map(({ node, message }) => `  ${oneLine(node)} ${oneLine(message)}`),
  ];
}
