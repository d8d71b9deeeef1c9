/** A line chart as SVG. */

export interface Line {
  readonly name: string;
  readonly colour: string;
  readonly values: readonly number[];
  readonly dashed?: boolean;
}

const size = { width: 660, height: 300, left: 44, right: 200, top: 14, bottom: 40 } as const;

/** Lines over 1, 2, 3, ...; their names stand at their ends. */
export function lineChart(lines: readonly Line[], xLabel: string, yLabel: string): string {
  const longest = Math.max(...lines.map(({ values }) => values.length));
  const highest = Math.ceil(Math.max(...lines.flatMap(({ values }) => values)) * 4) / 4;
  const { width, height, left, right, top, bottom } = size;
  const x = (k: number): number => left + 8 + ((width - left - right - 8) * k) / (longest - 1);
  const y = (value: number): number => height - bottom - ((height - top - bottom) * value) / highest;
  const ticks = Array.from({ length: Math.floor(highest / 0.5) + 1 }, (_, k) => k * 0.5);
  const grid = ticks.map(
    (value) =>
      `<line class="grid" x1="${left}" x2="${width - right}" y1="${y(value)}" y2="${y(value)}"/>` +
      `<text x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${value.toFixed(1)}</text>`,
  );
  const numbers = Array.from(
    { length: longest },
    (_, k) => `<text x="${x(k)}" y="${height - bottom + 18}" text-anchor="middle">${k + 1}</text>`,
  );
  const ends = spread(lines.map(({ values }) => y(values.at(-1)!)));
  const drawn = lines.map(({ name, colour, values, dashed }, k) => {
    const points = values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    const dots = values.map((value, i) => `<circle cx="${x(i)}" cy="${y(value)}" r="3.2" fill="${colour}"/>`);
    return (
      `<polyline points="${points}" stroke="${colour}" ${dashed ? 'stroke-dasharray="5 4"' : ''}/>` +
      dots.join('') +
      `<text class="name" x="${width - right + 14}" y="${ends[k]! + 4}" fill="${colour}">${name}</text>`
    );
  });
  return `<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${yLabel}">
${[...grid, ...numbers, ...drawn].join('\n')}
<text x="${(left + width - right) / 2}" y="${height - 4}" text-anchor="middle">${xLabel}</text>
</svg>`;
}

/** Heights moved apart until labels at them do not touch. */
function spread(heights: readonly number[]): number[] {
  const order = heights.map((_, k) => k).toSorted((a, b) => heights[a]! - heights[b]!);
  const out = [...heights];
  for (let k = 1; k < order.length; k++) {
    out[order[k]!] = Math.max(out[order[k]!]!, out[order[k - 1]!]! + 17);
  }
  return out;
}
