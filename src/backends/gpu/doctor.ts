/** What each mode is worth here: the self-tests of all of them, as data and as text, in Node and in pages. */
import { type GpuMode, gpuModes, loadGpuJs } from './gpujs.ts';
import { openMode } from './open-device.ts';
import { firstLine, type SelfTestCheck } from './self-test.ts';

export interface ModeReport {
  readonly mode: GpuMode;
  readonly works: boolean;
  /** What computes, e.g. the name of the graphics card; or why the mode cannot be used. */
  readonly detail: string;
  /** Whether there are packed tensors, which the fast kernels need. */
  readonly packed: boolean;
  readonly checks: readonly SelfTestCheck[];
  /** Time of the self-test. */
  readonly milliseconds: number;
  /** What the device can do at most, by the name its interface gives it. */
  readonly limits: Readonly<Record<string, number>>;
}

/**
 * Tries every mode anew.
 *
 * @throws UnsupportedBackendError when gpu.js is not installed
 * @example
 * for (const line of formatDoctor(await doctor())) console.log(line);
 */
export async function doctor(): Promise<ModeReport[]> {
  const gpujs = await loadGpuJs();
  const reports: ModeReport[] = [];
  for (const mode of gpuModes) {
    try {
      const { device, selfTest } = await openMode(gpujs, mode, true);
      const packed = device.capabilities.packed !== undefined;
      const { checks, milliseconds, reason } = selfTest;
      const detail = reason === undefined ? device.description : `${device.description}; ${reason}`;
      reports.push({ mode, works: true, detail, packed, checks, milliseconds, limits: device.limits() });
      await device.dispose();
    } catch (error) {
      const detail = firstLine(error).replace(/^backend gpu: /, '');
      reports.push({ mode, works: false, detail, packed: false, checks: [], milliseconds: 0, limits: {} });
    }
  }
  return reports;
}

/** The reports as lines of a table: mode, result, time, what computes or why not. */
export function formatDoctor(reports: readonly ModeReport[]): string[] {
  return reports.map(({ mode, works, detail, packed, checks, milliseconds, limits }) => {
    if (!works) return `${mode.padEnd(6)}  no   ${detail}`;
    const done = checks.filter(({ outcome }) => outcome === 'passed').length;
    const tried = checks.filter(({ outcome }) => outcome !== 'skipped').length;
    const kernels = packed ? 'fast kernels' : 'plain tensors only';
    const bounds = Object.entries(limits).map(([name, value]) => `${name} ${value}`);
    const rest = [`${done} of ${tried} checks in ${milliseconds.toFixed(0)} ms`, kernels, ...bounds];
    return `${mode.padEnd(6)}  yes  ${detail} (${rest.join(', ')})`;
  });
}
