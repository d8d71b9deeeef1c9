/** The self-test notices what it is there for: here a device is made wrong on purpose, one way at a time. */
import { describe, expect, test } from 'vitest';
import { createDevice, type Driver } from '../../../src/backends/gpu/device.ts';
import { type Handle, loadGpuJs } from '../../../src/backends/gpu/gpujs.ts';
import { hostDriver } from '../../../src/backends/gpu/host-modes.ts';
import { doctor, formatDoctor, gpuBackend } from '../../../src/backends/gpu/index.ts';
import { expectLargeIndices, needsLargeIndices } from '../../../src/backends/gpu/probes.ts';
import { selfTest, type SelfTest } from '../../../src/backends/gpu/self-test.ts';
import { trace } from '../../../src/graph/index.ts';
import { relu } from '../../../src/ops/index.ts';

type HostHandle = Handle & { readonly value: Float32Array };

/** The self-test of a driver in which something is wrong. */
async function testOf(change: (driver: Driver) => Partial<Driver>): Promise<SelfTest> {
  const driver = hostDriver(await loadGpuJs(), 'cpu');
  const device = createDevice({ ...driver, ...change(driver) });
  const result = await selfTest(device);
  await device.dispose();
  return result;
}

const failures = ({ checks }: SelfTest): string[] =>
  checks.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name);

describe('the self-test', () => {
  test('passes where nothing is wrong, and says what it did not try', async () => {
    const result = await testOf(() => ({}));
    expect(failures(result)).toEqual([]);
    expect(result).toMatchObject({ mode: 'cpu', passed: true, plainPassed: true });
    const skipped = result.checks.filter(({ outcome }) => outcome === 'skipped');
    expect(skipped.map(({ detail }) => detail)).toContain('mode cpu has plain tensors only');
  });

  test('notices half floats', async () => {
    const result = await testOf((driver) => ({
      read: async (...args) => (await driver.read(...args)).map((x) => Math.round(x * 1024) / 1024),
    }));
    expect(failures(result)).toContain('numbers keep 24 bits');
    expect(result.reason).toMatch(/^numbers keep 24 bits: number 0 is 1, expected 1.00000095/);
  });

  test('notices loops that end too early', async () => {
    const result = await testOf((driver) => ({
      create: (spec, settings) =>
        driver.create({ ...spec, source: spec.source.replace('1500', '1000') }, settings),
    }));
    expect(failures(result)).toEqual(['a loop to a literal takes 1500 steps']);
  });

  test('notices results that the next launch overwrites', async () => {
    const result = await testOf((driver) => {
      const last = new Map<string, HostHandle>();
      return {
        async launch(kernel, spec, handles) {
          const [result] = (await driver.launch(kernel, spec, handles)) as [HostHandle];
          last.get(spec.name)?.value.set(result.value);
          last.set(spec.name, result);
          return [result];
        },
      };
    });
    expect(failures(result)).toEqual(['a result survives the next launch']);
  });

  test('notices a device that was lost', async () => {
    const result = await testOf(() => ({
      checkAlive() {
        throw new Error('lost');
      },
    }));
    expect(failures(result)).toContain('the device was not lost');
    expect(result.reason).toContain(': lost');
  });

  test('says which shaders failed in one short line', async () => {
    const result = await testOf(() => ({
      create() {
        throw new Error(`no such instruction\n${'shader '.repeat(1000)}`);
      },
    }));
    expect(result.plainPassed).toBe(false);
    expect(result.reason).toBe('a loop to a literal takes 1500 steps: no such instruction');
  });
});

test('numbers beyond 2^24 are read in webasm and cpu, and only plans that have so many ask', async () => {
  const shapeOf = (count: number): boolean =>
    needsLargeIndices(trace((_, { x }) => ({ out: relu(x) }), { x: [count] }));
  expect([shapeOf(2 ** 24), shapeOf(2 ** 24 + 1)]).toEqual([false, true]);
  for (const mode of ['webasm', 'cpu'] as const) {
    const device = createDevice(hostDriver(await loadGpuJs(), mode));
    await expect(expectLargeIndices(device)).resolves.toBeUndefined();
    await device.dispose();
  }
});

describe('in Node', () => {
  test('best is webasm, and the modes that need a browser say so', async () => {
    const backend = await gpuBackend();
    expect(backend.mode).toBe('webasm');
    expect(backend.rejected.map(({ mode }) => mode)).toEqual(['webgpu', 'webgl2']);
    expect(backend.selfTest.passed).toBe(true);
    backend.dispose();
    await expect(gpuBackend({ mode: 'webgpu' })).rejects.toThrow(
      'mode webgpu is not available here: no navigator',
    );
    await expect(gpuBackend({ mode: 'metal' as 'cpu' })).rejects.toThrow(
      'mode metal does not exist; there is webgpu, webgl2, webasm, cpu and best',
    );
  });

  test('a mode is tested once', async () => {
    const [first, second] = [await gpuBackend({ mode: 'cpu' }), await gpuBackend({ mode: 'cpu' })];
    expect(second.selfTest).toBe(first.selfTest);
    expect(second.counts().launches).toBe(0);
    first.dispose();
    second.dispose();
  });

  test('the doctor looks at every mode', async () => {
    const reports = await doctor();
    expect(reports.map(({ mode, works }) => [mode, works])).toEqual([
      ['webgpu', false],
      ['webgl2', false],
      ['webasm', true],
      ['cpu', true],
    ]);
    const lines = formatDoctor(reports);
    expect(lines[0]).toMatch(/^webgpu {2}no {3}mode webgpu is not available here/);
    expect(lines[2]).toMatch(
      /^webasm {2}yes {2}WebAssembly on the processor \(6 of 6 checks in \d+ ms, plain tensors only\)$/,
    );
  });
});
