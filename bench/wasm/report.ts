/** The summary. */
import { type Cell, table } from '../table.ts';
import type { Finding } from './api.ts';
import { type Target, targets, verdict } from './targets.ts';

const format: Readonly<Record<Target['unit'], (value: number) => string>> = {
  times: (value) => value.toFixed(2),
  '%': (value) => `${value.toFixed(1)} %`,
  GB: (value) => `${value.toFixed(2)} GB`,
  s: (value) => `${value.toFixed(2)} s`,
  MB: (value) => `${value.toFixed(1)} MB`,
};

export function summary(findings: readonly Finding[]): string {
  const rows = findings.map(({ what, threads, value, aim, note = '' }): Cell[] => {
    if (!aim) return [what, threads, value.toFixed(2), '', '', '', note];
    const target = targets[aim];
    const write = format[target.unit];
    return [
      what,
      threads,
      write(value),
      write(target.least),
      write(target.aim),
      verdict(value, target),
      note,
    ];
  });
  return table(['what', 'threads', 'value', 'bound', 'aim', 'verdict', ''], rows);
}
