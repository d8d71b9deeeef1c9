#!/usr/bin/env node
/** The command `dff`. */
import { match, P } from 'ts-pattern';
import packageJson from '../../package.json' with { type: 'json' };
import type { Command, Terminal } from './command.ts';
import { benchCommand } from './commands/bench.ts';
import { convertCommand } from './commands/convert.ts';
import { detectCommand } from './commands/detect.ts';
import { doctorCommand } from './commands/doctor.ts';
import { exportCommand } from './commands/export.ts';
import { inspectCommand } from './commands/inspect.ts';
import { describeFailure, UsageError } from './failure.ts';
import { overview } from './help.ts';
import { nearest } from './nearest.ts';

const commands: readonly Command[] = [
  convertCommand,
  inspectCommand,
  detectCommand,
  exportCommand,
  benchCommand,
  doctorCommand,
];

const terminal: Terminal = {
  print: (line) => void process.stdout.write(`${line}\n`),
  errors: process.stderr,
};

/** Runs the command that the arguments name. */
async function dispatch([name, ...rest]: readonly string[]): Promise<number> {
  const command = commands.find((each) => each.name === name);
  if (command) return command.run(rest, terminal);
  return match(name)
    .with(P.union('--help', '-h', 'help'), () => {
      const topic = commands.find((each) => each.name === rest[0]);
      if (topic) return topic.run(['--help'], terminal);
      terminal.print(overview(commands, packageJson.version));
      return 0;
    })
    .with(P.union('--version', '-V'), () => {
      terminal.print(packageJson.version);
      return 0;
    })
    .with(undefined, () => {
      terminal.errors.write(`${overview(commands, packageJson.version)}\n`);
      return 2;
    })
    .otherwise((unknown) => {
      const known = commands.map((each) => each.name);
      const what = unknown.startsWith('-') ? 'option' : 'command';
      const meant = nearest(unknown, [...known, '--help', '--version']);
      const hint = meant === undefined ? `there is ${known.join(', ')}` : `did you mean ${meant}?`;
      throw new UsageError(`unknown ${what} ${unknown}; ${hint}`);
    });
}

const args = process.argv.slice(2);
/** Why stdout takes no more, e.g. a full disk. */
let outputFailure: unknown;

function report(error: unknown): void {
  const { message, exitCode } = describeFailure(error);
  process.stderr.write(`dff: ${message}\n`);
  if (args.includes('--debug') && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exitCode = exitCode;
}

// `dff inspect FILE | head` closes stdout early: that is no failure, but work that can be cancelled is.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  const failed = error.code !== 'EPIPE';
  if (failed) outputFailure ??= Object.assign(error, { path: 'stdout' });
  if (process.emit('SIGTERM', 'SIGTERM')) return;
  if (failed) report(outputFailure);
  process.exit();
});

try {
  process.exitCode = await dispatch(args);
} catch (error) {
  report(outputFailure ?? error);
}
