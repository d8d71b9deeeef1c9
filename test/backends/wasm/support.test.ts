/** Where the backend cannot run, it says so when it is made, in one sentence. */
import { afterEach, expect, test, vi } from 'vitest';
import { wasmBackend, type WasmOptions } from '../../../src/backends/wasm/index.ts';
import { trace } from '../../../src/graph/index.ts';
import { relu } from '../../../src/ops/index.ts';
import { DffError, tensor, UnsupportedBackendError } from '../../../src/tensor/index.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** What making the backend ends with. */
async function refusal(options = {}): Promise<unknown> {
  const outcome: unknown = await wasmBackend(options).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(UnsupportedBackendError);
  return (outcome as Error).message;
}

test('without WebAssembly the backend cannot be made', async () => {
  vi.stubGlobal('WebAssembly', undefined);
  expect(await refusal()).toBe('backend wasm: there is no WebAssembly here; use the backend reference');
});

test('without vector instructions the backend cannot be made', async () => {
  vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
  expect(await refusal()).toBe(
    "backend wasm: this engine's WebAssembly has no vector instructions (SIMD); use a newer one, or the backend reference",
  );
});

/** Approves of modules as an engine does that knows plain vector instructions only. */
function withoutRelaxed(): void {
  const { validate } = WebAssembly;
  let first = true;
  vi.spyOn(WebAssembly, 'validate').mockImplementation((bytes) => {
    const answer = first && validate(bytes);
    first = false;
    return answer;
  });
}

test('without relaxed vector instructions the plain ones are taken', async () => {
  withoutRelaxed();
  const backend = await wasmBackend({ threads: 1 });
  expect(backend.simd).toBe('plain');
  backend.dispose();
});

test('without relaxed vector instructions they cannot be asked for', async () => {
  withoutRelaxed();
  expect(await refusal({ simd: 'relaxed' })).toBe(
    "backend wasm: this engine's WebAssembly has no relaxed vector instructions; leave out simd, or ask for plain",
  );
});

test('the fastest vector instructions are the relaxed ones, or the plain ones where there are no others', async () => {
  const fastest = await wasmBackend({ simd: 'fastest', threads: 1 });
  expect(fastest.simd).toBe('relaxed');
  fastest.dispose();
  withoutRelaxed();
  const plain = await wasmBackend({ simd: 'fastest', threads: 1 });
  expect(plain.simd).toBe('plain');
  plain.dispose();
});

test.each(['plain', 'relaxed'] as const)('%s vector instructions can be asked for', async (simd) => {
  const backend = await wasmBackend({ simd, threads: 1 });
  expect(backend.simd).toBe(simd);
  const plan = await backend.compile(
    trace((_, { x }) => ({ out: relu(x) }), { x: [3] }),
    new Map(),
  );
  expect(await plan.run({ x: tensor([3], [-1, 0, 2]) })).toEqual({ out: tensor([3], [0, 0, 2]) });
  expect(plan.report().notes).toContain(`${simd} vector instructions`);
  backend.dispose();
});

test.each<readonly [string, unknown, string]>([
  ['threads as a text', { threads: '2' }, 'threads is "2", expected a whole number from 1 to 256'],
  [
    'more threads than make sense',
    { threads: 5000 },
    'threads is 5000, expected a whole number from 1 to 256',
  ],
  ['unknown instructions', { simd: 'avx' }, 'simd is "avx", expected plain, relaxed, best or fastest'],
  ['an unknown amount of memory', { memory: 'big' }, 'memory is "big", expected normal or low'],
  ['a fallback to itself', { fallback: 'wasm' }, 'fallback is "wasm", expected reference, or nothing'],
  ['precise as a number', { precise: 1 }, 'precise is 1, expected true or false'],
  [
    'half a tile',
    { tileShape: { pixels: 4 } },
    'tileShape is {"pixels":4}, expected { pixels: 1 to 8, unrolled',
  ],
  ['a misspelt option', { thread: 2 }, 'there is no option thread, only threads, simd, precise'],
  ['no object', null, 'the options are null, expected an object'],
])('%s is refused', async (_, options, message) => {
  const outcome: unknown = await wasmBackend(options as WasmOptions).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(DffError);
  expect((outcome as Error).message).toContain(`backend wasm: ${message}`);
});

test('where compiling is forbidden the backend cannot be made, though everything is valid', async () => {
  vi.spyOn(WebAssembly, 'compile').mockRejectedValue(new WebAssembly.CompileError('blocked by a policy'));
  expect(await refusal()).toBe(
    "backend wasm: the module does not compile (blocked by a policy); a page's content-security policy must allow script-src 'wasm-unsafe-eval'",
  );
});
