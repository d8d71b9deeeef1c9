/** Where the backend cannot run, it says so when it is made, in one sentence. */
import { afterEach, expect, test, vi } from 'vitest';
import { wasmBackend } from '../../../src/backends/wasm/index.ts';
import { trace } from '../../../src/graph/index.ts';
import { relu } from '../../../src/ops/index.ts';
import { tensor, UnsupportedBackendError } from '../../../src/tensor/index.ts';

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

test('where compiling is forbidden the backend cannot be made, though everything is valid', async () => {
  vi.spyOn(WebAssembly, 'compile').mockRejectedValue(new WebAssembly.CompileError('blocked by a policy'));
  expect(await refusal()).toBe(
    "backend wasm: the module does not compile (blocked by a policy); a page's content-security policy must allow script-src 'wasm-unsafe-eval'",
  );
});
