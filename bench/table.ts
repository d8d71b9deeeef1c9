/** Plain tables: columns as wide as their widest cell, numbers to the right. */
export type Cell = string | number;

export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const text = [header, ...rows.map((row) => row.map(String))];
  const widths = header.map((_, column) => Math.max(...text.map((row) => row[column]!.length)));
  const numeric = header.map((_, column) =>
    rows.every((row) => !Number.isNaN(Number.parseFloat(`${row[column]!}`))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        numeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  return text.map(line).join('\n');
}
