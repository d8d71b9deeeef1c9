/** Command: a name, what it takes, and what it does. */
import {
  type OptionTable,
  type OptionValues,
  parseArguments,
  type ParsedArguments,
  type Positional,
} from './arguments.ts';
import { commandHelp } from './help.ts';

/** Where a command's results and remarks go. */
export interface Terminal {
  /** Data: a line on stdout. */
  readonly print: (line: string) => void;
  /** For people: stderr. */
  readonly errors: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export interface Example {
  readonly command: string;
  readonly explanation: string;
}

export interface CommandDefinition<T extends OptionTable> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Further lines for the command's own help. */
  readonly details?: readonly string[];
  readonly positionals: readonly Positional[];
  readonly options: T;
  readonly examples: readonly Example[];
  /** Resolves to the exit code. */
  readonly run: (
    options: OptionValues<T>,
    positionals: readonly string[],
    terminal: Terminal,
  ) => Promise<number>;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly options: OptionTable;
  /** What the arguments say, without doing it. @throws UsageError when they cannot be understood */
  readonly parse: (args: readonly string[]) => ParsedArguments<OptionTable>;
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<number>;
}

/** Options that every command has. `--debug` is looked at where errors are printed. */
const common = {
  debug: { kind: 'flag', description: 'After an error, show where in the code it happened.' },
  help: { kind: 'flag', description: 'Show this help.' },
} as const satisfies OptionTable;

/** A command from its definition; `--help` goes before every complaint about other arguments. */
export function defineCommand<const T extends OptionTable>(definition: CommandDefinition<T>): Command {
  const { name, summary } = definition;
  const options: OptionTable = { ...definition.options, ...common };
  const parse = (args: readonly string[]): ParsedArguments<OptionTable> =>
    parseArguments(args, options, definition.positionals);
  return {
    name,
    summary,
    options,
    parse,
    async run(args, terminal) {
      if (asksForHelp(args)) {
        terminal.print(commandHelp({ ...definition, options }));
        return 0;
      }
      const parsed = parse(args);
      return definition.run(parsed.options as OptionValues<T>, parsed.positionals, terminal);
    },
  };
}

/** Whether `--help` or `-h` comes before a `--`. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const before = end < 0 ? args : args.slice(0, end);
  return before.includes('--help') || before.includes('-h');
}
