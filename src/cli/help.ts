/** What `--help` prints, from the same tables that arguments are parsed with. */
import { match, P } from 'ts-pattern';
import { describeRange, type Option, type OptionTable, type Positional } from './arguments.ts';
import { columns, wrap } from './table.ts';

export interface HelpSubject {
  readonly name: string;
  readonly summary: string;
  readonly details?: readonly string[];
  readonly positionals: readonly Positional[];
  readonly options: OptionTable;
  readonly examples: readonly { readonly command: string; readonly explanation: string }[];
}

const WIDTH = 100;

/** The help of one command. */
export function commandHelp(subject: HelpSubject): string {
  const { name, summary, details = [], positionals, options, examples } = subject;
  const usage = ['dff', name, ...positionals.map(usageOf), '[options]'].join(' ');
  const list = [
    ...positionals.map(({ name: label, description }) => [label, description]),
    ...Object.entries(options).map(([label, option]) => [optionUsage(label, option), explain(option)]),
  ];
  const shown = examples.flatMap(({ command, explanation }) => [`  # ${explanation}`, `  ${command}`, '']);
  return [
    `Usage: ${usage}`,
    '',
    ...[summary, ...details].flatMap((text) => wrap(text, WIDTH)),
    '',
    ...columns(list, { indent: 2, width: WIDTH }),
    '',
    'Examples:',
    ...shown.slice(0, -1),
  ].join('\n');
}

function usageOf({ name, many, optional }: Positional): string {
  if (optional) return `[${name}]`;
  return many ? `${name}...` : name;
}

function optionUsage(name: string, option: Option): string {
  return option.kind === 'flag' ? `--${name}` : `--${name} ${option.placeholder}`;
}

/** The description, with range and default. */
function explain(option: Option): string {
  return match(option)
    .with({ kind: P.union('flag', 'names') }, ({ description }) => description)
    .with({ kind: 'text' }, ({ description, required, default: value }) => {
      if (required) return `${description} Required.`;
      return value === undefined ? description : `${description} Default ${value}.`;
    })
    .with({ kind: P.union('number', 'integer') }, ({ description, kind, least, most, default: value }) => {
      const range = `${description} ${capitalised(describeRange(kind, least, most))}.`;
      return value === undefined ? range : `${range} Default ${value}.`;
    })
    .exhaustive();
}

function capitalised(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

/** The help of `dff` itself. */
export function overview(
  commands: readonly { readonly name: string; readonly summary: string }[],
  version: string,
): string {
  return [
    `dff ${version}: Deep Feature Flow for video object detection`,
    '',
    'Usage: dff COMMAND [arguments] [options]',
    '',
    ...columns(
      commands.map(({ name, summary }) => [name, summary]),
      { indent: 2, width: WIDTH },
    ),
    '',
    'dff COMMAND --help explains a command, with examples. dff --version prints the version.',
    '',
    'Examples:',
    '  dff convert rfcn_dff_flownet_vid-0000.params model.safetensors',
    '  dff detect clip/ --model model.safetensors --json clip.json --render drawn/',
    '',
    'Exit codes: 0 done, 1 failed, 2 wrong command line, 130 interrupted.',
  ].join('\n');
}
