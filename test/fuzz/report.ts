/** What the fuzzer prints. */
import { columns } from '../../src/cli/table.ts';
import type { Extreme, Failure, Tally } from './run.ts';
import type { Target } from './target.ts';

/** A failure: what is wrong, the shrunk case, how to run it again. */
export function failureText({ target, seed, path, message, stack, description }: Failure): string {
  const places = stack
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .slice(0, 5);
  return [
    `FAILED ${target}, seed ${seed}, path ${path}`,
    message,
    ...places,
    description,
    `again: npm run fuzz -- --target ${target} --seed ${seed} --path ${path}`,
  ].join('\n');
}

/** One line a target. */
export function tallyTable(tallies: readonly Tally[]): string {
  const rows = tallies.map((tally) => {
    const { target, cases, accepted, refused, milliseconds, slowest, largest, failed, failures } = tally;
    return [
      target,
      cases,
      accepted,
      refused,
      milliseconds === 0 ? '-' : Math.round((cases / milliseconds) * 1000),
      slowest.value.toFixed(1),
      (largest.value / 1e6).toFixed(1),
      failures.length === 0 ? 'none' : `${failed} of ${failures.length} kinds`,
    ];
  });
  const header = ['target', 'cases', 'accepted', 'refused', 'cases/s', 'slowest ms', 'most MB', 'failures'];
  return columns([header, ...rows]).join('\n');
}

/** The slowest case and the one that took most memory, and how to run them again. */
export function extremesText<Case>(target: Target<Case>, { slowest, largest }: Tally): string {
  const lines = ({ seed, run, input }: Extreme, what: string): string[] => [
    `${target.name}: ${what}: --target ${target.name} --seed ${seed} --path ${run}`,
    ...(input === undefined
      ? []
      : target
          .describe(input as Case)
          .split('\n')
          .map((line) => `    ${line}`)),
  ];
  return [
    ...lines(slowest, `slowest, ${slowest.value.toFixed(1)} ms`),
    ...lines(largest, `most memory, ${(largest.value / 1e6).toFixed(1)} MB`),
  ].join('\n');
}
