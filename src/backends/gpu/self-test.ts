/**
 * The start-up self-test of a mode: a few tiny kernels whose results are known. gpu.js is quietly wrong where a driver,
 * a browser or a new version of it differs from what the kernels rely on; a mode that fails here is refused.
 *
 * Each probe launches what the real kernels launch, through the same device, and throws with what went wrong.
 */
import type { Device } from './device.ts';
import type { GpuMode } from './gpujs.ts';
import {
  expectBorders,
  expectFast,
  expectLoop,
  expectObvious,
  expectOwnResults,
  expectParts,
  expectPrecision,
  STEPS,
} from './probes.ts';

export interface SelfTestCheck {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** What went wrong, or why it was not tried. */
  readonly detail?: string;
}

export interface SelfTest {
  readonly mode: GpuMode;
  readonly passed: boolean;
  /** Whether what is of plain tensors works; a mode may do without packed ones. */
  readonly plainPassed: boolean;
  /** The first failure. */
  readonly reason?: string;
  readonly checks: readonly SelfTestCheck[];
  readonly milliseconds: number;
}

interface Probe {
  readonly name: string;
  readonly of: 'plain' | 'packed';
  /** Why it does not apply; undefined where it does. */
  readonly skip?: (device: Device) => string | undefined;
  readonly run: (device: Device) => Promise<void>;
}

const needsPacked = ({ mode, capabilities }: Device): string | undefined =>
  capabilities.packed ? undefined : `mode ${mode} has plain tensors only`;

const probes: readonly Probe[] = [
  {
    name: `a loop to a literal takes ${STEPS} steps`,
    of: 'plain',
    run: (device) => expectLoop(device, `${STEPS}`),
  },
  {
    name: `a loop to a constant takes ${STEPS} steps`,
    of: 'plain',
    run: (device) => expectLoop(device, 'this.constants.steps'),
  },
  { name: 'numbers keep 24 bits', of: 'plain', run: expectPrecision },
  { name: 'a result survives the next launch', of: 'plain', run: expectOwnResults },
  {
    name: 'texels keep four numbers, borders are zeros',
    of: 'packed',
    skip: needsPacked,
    run: expectBorders,
  },
  {
    name: 'a kernel writes as many textures as planned',
    of: 'packed',
    skip: ({ mode, capabilities }) =>
      capabilities.packed === 'textures' ? undefined : `mode ${mode} needs no kernel maps`,
    run: expectParts,
  },
  { name: 'the fast convolution gives a known result', of: 'packed', skip: needsPacked, run: expectFast },
  { name: 'the obvious convolution gives a known result', of: 'plain', run: expectObvious },
  { name: 'the device was not lost', of: 'plain', run: async (device) => device.checkAlive() },
];

/** Tries everything, also after a failure. Takes milliseconds, most of them for compiling. */
export async function selfTest(device: Device): Promise<SelfTest> {
  const start = performance.now();
  const checks: SelfTestCheck[] = [];
  let plainPassed = true;
  for (const { name, of, skip, run } of probes) {
    const reason = skip?.(device);
    if (reason !== undefined) {
      checks.push({ name, outcome: 'skipped', detail: reason });
      continue;
    }
    try {
      await run(device);
      checks.push({ name, outcome: 'passed' });
    } catch (error) {
      checks.push({ name, outcome: 'failed', detail: firstLine(error) });
      if (of === 'plain') plainPassed = false;
    }
  }
  const failed = checks.find(({ outcome }) => outcome === 'failed');
  return {
    mode: device.mode,
    passed: !failed,
    plainPassed,
    ...(failed && { reason: `${failed.name}: ${failed.detail}` }),
    checks,
    milliseconds: performance.now() - start,
  };
}

/** gpu.js puts whole shaders into its messages. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0]!.slice(0, 300);
}
