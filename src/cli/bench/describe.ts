/** Measurements as text. */
import { columns, counted, formatBytes } from '../table.ts';
import type { MeasuredKind } from './measure.ts';
import type { Report } from './report.ts';

const SMALLEST_SHOWN = 0.005;

/** @param top how many nodes of each graph are listed, the slowest first */
export function describeReport(report: Report, top: number): string[] {
  const { backend, mode, threads, notes, kinds, speedUps, memory } = report;
  const details = notes.length > 0 ? notes : [mode];
  const how = [threads !== undefined && counted(threads, 'thread'), ...details].filter(Boolean);
  const { height, width } = report.size;
  return [
    ...columns([
      ['network', report.network],
      ['images', `${height}x${width}`],
      ['backend', [backend, ...how].join(', ')],
      ['machine', report.machine],
      [
        'memory',
        `${formatBytes(memory.peakBytes)} at most${report.random ? ', random weights included' : ''}`,
      ],
    ]),
    '',
    ...columns([
      ['frame', 'ms', 'network ms', 'GFLOP/s', 'first ms', 'memory'],
      ...kinds.map((kind) => [
        kind.kind,
        kind.milliseconds.toFixed(1),
        kind.networkMilliseconds.toFixed(1),
        gigaflops(kind.multiplyAdds, kind.networkMilliseconds),
        kind.firstMilliseconds.toFixed(0),
        kind.memoryBytes === undefined ? '' : formatBytes(kind.memoryBytes),
      ]),
    ]),
    ...(speedUps.length > 0 ? ['', ...describeSpeedUps(report)] : []),
    ...(top > 0 ? kinds.flatMap((kind) => ['', ...describeNodes(kind, top)]) : []),
  ];
}

function describeSpeedUps({ speedUps }: Report): string[] {
  return columns([
    ['key interval', 'frames/s', 'times per-frame detection', 'Eq. 7 by multiply-adds'],
    ...speedUps.map(({ interval, framesPerSecond, measured, predicted }) => [
      interval,
      framesPerSecond.toPrecision(3),
      measured.toFixed(2),
      predicted.toFixed(2),
    ]),
  ]);
}

function describeNodes({ kind, nodes, networkMilliseconds }: MeasuredKind, top: number): string[] {
  const slowest = nodes.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, top);
  const rest = nodes.length - slowest.length;
  return [
    ...columns([
      [`${kind} node`, 'operator', 'kernel', 'ms', '%', 'GFLOP/s'],
      ...slowest.map(({ name, operator, kernel, milliseconds, multiplyAdds }) => [
        name,
        operator,
        kernel,
        milliseconds < SMALLEST_SHOWN ? '0' : milliseconds.toFixed(2),
        ((100 * milliseconds) / networkMilliseconds).toFixed(1),
        gigaflops(multiplyAdds, milliseconds),
      ]),
    ]),
    ...(rest > 0 ? [`and ${counted(rest, 'faster node')}`] : []),
  ];
}

/** Nominal: multiply-adds as the definition has them, a product and a sum each. */
function gigaflops(multiplyAdds: number, milliseconds: number): string {
  return multiplyAdds > 0 && milliseconds > 0 ? ((2 * multiplyAdds) / milliseconds / 1e6).toFixed(1) : '';
}
