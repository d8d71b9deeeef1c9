/** Text in columns. */
import { oneLine } from './failure.ts';

export interface ColumnOptions {
  /** Blanks before every line. Default 0. */
  readonly indent?: number;
  /** Where the last column wraps. Default: never. */
  readonly width?: number;
}

/** Lines of aligned columns, two blanks apart. Control characters in cells become blanks. */
export function columns(
  rows: readonly (readonly (string | number)[])[],
  { indent = 0, width = Infinity }: ColumnOptions = {},
): string[] {
  const cells = rows.map((row) => row.map((cell) => oneLine(String(cell))));
  const count = cells.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: count }, (_, column) =>
    cells.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0),
  );
  return cells.flatMap((row) => {
    const start = row.slice(0, -1).map((cell, column) => `${cell.padEnd(widths[column]!)}  `);
    const head = ' '.repeat(indent) + start.join('');
    const [first = '', ...rest] = wrap(row.at(-1) ?? '', width - head.length);
    return [`${head}${first}`.trimEnd(), ...rest.map((line) => ' '.repeat(head.length) + line)];
  });
}

/** Breaks a text between words into lines of at most `width` characters. */
export function wrap(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** `1.9 MB`: bytes for people, in powers of ten. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes / 1000, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${units[unit]}`;
}

/** `1 frame`, `2 frames` */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
