/** What users get: the packed build, installed in a project of its own. `npm test` builds it first. */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasShared, shared } from '../shared.ts';
import {
  install,
  linkPeers,
  manifest,
  pack,
  type Packed,
  root,
  run,
  specifiers,
  temporaryFolder,
} from './install.ts';

const folder = temporaryFolder();
let packed: Packed;
/** What the backend gpu says where gpu.js is not installed. */
let withoutGpuJs: string;

/** What a script prints. */
const node = (script: string): string => {
  writeFileSync(join(folder, 'script.js'), script);
  return run(process.execPath, ['script.js'], folder);
};

beforeAll(() => {
  packed = pack(folder);
  install(packed.tarball, folder);
  withoutGpuJs = node(`
    import { UnsupportedBackendError } from '${manifest.name}';
    import { gpuBackend } from '${manifest.name}/gpu';
    const error = await gpuBackend({ mode: 'webasm' }).catch((thrown) => thrown);
    console.log(error instanceof UnsupportedBackendError, error.message);`);
  linkPeers(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  test('holds the build and its documents, and nothing that is for development', () => {
    const allowed = /^(dist\/|docs\/|(package\.json|README\.md|LICENSE|CHANGELOG\.md)$)/;
    expect(packed.files.filter((file) => !allowed.test(file))).toEqual([]);
    const development = /(^|\/)(test|shared|goldens|fixtures)\/|^(dist\/types\/)?bench\//;
    expect(packed.files.filter((file) => development.test(file))).toEqual([]);
    expect(packed.files.filter((file) => /\.(params|safetensors|jpe?g|tgz)$/i.test(file))).toEqual([]);
  });

  test('holds every file that its manifest names', () => {
    const targets = Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    );
    const named = [...targets, ...Object.values(manifest.bin)].map((path) => path.replace('./', ''));
    expect(named.filter((path) => !packed.files.includes(path))).toEqual([]);
  });

  test('follows the rules that publint knows', async () => {
    const tarball = readFileSync(packed.tarball);
    const { buffer, byteOffset, byteLength } = tarball;
    const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
    const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });
});

describe('the installed package', () => {
  test.each(specifiers)('gives names to who imports %s', (specifier) => {
    const names = node(`import * as all from '${specifier}'; console.log(JSON.stringify(Object.keys(all)));`);
    expect((JSON.parse(names) as string[]).length).toBeGreaterThan(0);
  });

  test('gives the object dff', () => {
    const kind = node(`import { dff } from '${manifest.name}'; console.log(typeof dff);`).trim();
    expect(kind).toMatch(/^(object|function)$/);
  });

  test('computes', () => {
    const script = `
      import { convolution } from '${manifest.name}/ops';
      import { tensor } from '${manifest.name}/tensor';
      const sum = convolution(tensor([1, 1, 2, 2], [1, 2, 3, 4]), tensor([1, 1, 2, 2], [1, 1, 1, 1]));
      console.log(JSON.stringify([...sum.data]));`;
    expect(JSON.parse(node(script))).toEqual([10]);
  });

  test('needs gpu.js for the backend gpu only, and then says how to install it', () => {
    expect(withoutGpuJs).toMatch(
      /^true backend gpu: gpu.js could not be loaded .*npm install gpu.js@~2.24.1$/m,
    );
  });

  test('computes in the backend gpu where gpu.js is installed', () => {
    const script = `
      import { gpuBackend } from '${manifest.name}/gpu';
      import { trace } from '${manifest.name}/graph';
      import { relu } from '${manifest.name}/ops';
      import { tensor } from '${manifest.name}/tensor';
      const backend = await gpuBackend({ mode: 'webasm' });
      const plan = await backend.compile(trace((_, { x }) => ({ out: relu(x) }), { x: [3] }), new Map());
      const { out } = await plan.run({ x: tensor([3], [-1, 0, 2]) });
      console.log(JSON.stringify([...out.data]));`;
    expect(JSON.parse(node(script))).toEqual([0, 0, 2]);
  });

  describe('in the backend wasm', () => {
    const prelude = `
      import { wasmBackend } from '${manifest.name}/wasm';
      import { trace } from '${manifest.name}/graph';
      import { relu } from '${manifest.name}/ops';
      import { tensor } from '${manifest.name}/tensor';
      const backend = await wasmBackend({ threads: 2 });
      const graph = trace((_, { x }) => ({ out: relu(x) }), { x: [3] });
      const plan = await backend.compile(graph, new Map());
      const feeds = { x: tensor([3], [-1, 0, 2]) };`;

    test('it computes with threads, and the process ends though nobody disposes of anything', () => {
      const script = `${prelude}
        const { out } = await plan.run(feeds);
        console.log(JSON.stringify([plan.report().threads, plan.report().nodes[0].where, ...out.data]));`;
      expect(JSON.parse(node(script))).toEqual([2, 'workers', 0, 0, 2]);
    });

    test('a run in flight keeps the process alive until it is done', () => {
      const script = `${prelude}
        const runs = Array.from({ length: 50 }, () => plan.run(feeds));
        Promise.all(runs).then((all) => console.log(all.length));`;
      expect(node(script).trim()).toBe('50');
    });

    test('the process ends after everything was disposed of, in the middle of a run too', () => {
      const script = `${prelude}
        const run = plan.run(feeds).catch(({ message }) => message);
        plan.dispose();
        backend.dispose();
        console.log(await run);`;
      expect(node(script).trim()).toMatch(/^wasm: .* was disposed of$/);
    });

    test.skipIf(!hasShared)('a detector detects', () => {
      const script = `
        import { readFileSync } from 'node:fs';
        import { dff } from '${manifest.name}';
        const model = await dff.loadModel(readFileSync(${JSON.stringify(shared('goldens/networks/narrow/narrow-0000.params'))}));
        const detector = dff.createDetector({ model, backend: 'wasm', postprocess: 'evaluation', shortSide: 150 });
        const image = { width: 250, height: 150, data: new Uint8Array(3 * 250 * 150).map((_, i) => i % 251) };
        const frames = [];
        for await (const { isKey, detections } of detector.detect([image, image])) frames.push([isKey, detections.length > 0]);
        console.log(JSON.stringify(frames));`;
      expect(JSON.parse(node(script))).toEqual([
        [true, true],
        [false, true],
      ]);
    });
  });

  test('is one package however it is entered: its errors are the same classes', () => {
    const script = `
      import { ShapeError } from '${manifest.name}/tensor';
      import { relu, convolution } from '${manifest.name}/ops';
      import { tensor } from '${manifest.name}/tensor';
      try { convolution(tensor([1], [1]), tensor([1], [1])); } catch (error) { console.log(error instanceof ShapeError); }`;
    expect(node(script).trim()).toBe('true');
  });

  test('can be required by CommonJS, where Node can do that', () => {
    writeFileSync(
      join(folder, 'script.cjs'),
      `console.log(typeof require('${manifest.name}/ops').convolution);`,
    );
    expect(run(process.execPath, ['--no-warnings', 'script.cjs'], folder).trim()).toBe('function');
  });

  test('brings the command dff', () => {
    const command = join(folder, 'node_modules/.bin/dff');
    expect(existsSync(command)).toBe(true);
    expect(statSync(command).mode & 0o111).not.toBe(0);
    expect(run(command, ['--version'], folder).trim()).toContain(manifest.version);
  });

  test('has declarations that a strict project accepts, those of its dependencies too', () => {
    const imports = specifiers.map((specifier, i) => `import * as entry${i} from '${specifier}';`);
    const uses = specifiers.map((_, i) => `console.log(Object.keys(entry${i}).length);`);
    const typed = `
      import { convolution, type ConvolutionAttributes } from '${manifest.name}/ops';
      import { tensor, type Tensor } from '${manifest.name}/tensor';
      const attributes: ConvolutionAttributes = { stride: 2 };
      const result: Tensor = convolution(tensor([1, 1, 2, 2], [1, 2, 3, 4]), tensor([1, 1, 1, 1], [1]), undefined, attributes);
      // @ts-expect-error: a stride is a number or a pair of numbers
      convolution(result, result, undefined, { stride: '2' });`;
    writeFileSync(join(folder, 'use.ts'), [...imports, ...uses, typed].join('\n'));
    const compilerOptions = {
      target: 'es2023',
      lib: ['es2023', 'esnext.disposable', 'dom'],
      module: 'nodenext',
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      types: [],
      noEmit: true,
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['use.ts'] }));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    let complaints = '';
    try {
      run(process.execPath, [tsc, '-p', folder], folder);
    } catch (error) {
      complaints = (error as { stdout: string }).stdout;
    }
    expect(complaints).toBe('');
  });

  test('checks the operators of others, in their own vitest', () => {
    writeFileSync(
      join(folder, 'own.test.js'),
      `
      import fc from 'fast-check';
      import { checkOp, at, build, sizes, values } from '${manifest.name}/testing';
      const double = {
        name: 'double', inputs: ['data'], outputs: ['output'], defaults: {},
        shape: ([data]) => [data],
        forward([out], [data]) { data.data.forEach((x, i) => (out.data[i] = 2 * x)); },
      };
      const cases = sizes(3, 4).chain((shape) =>
        fc.record({ inputs: fc.tuple(values(shape)), attributes: fc.constant({}) }));
      checkOp(double, cases, { oracle: ([x]) => build(x.shape, (...index) => at(x, ...index) + at(x, ...index)) });`,
    );
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const report = run(process.execPath, [vitest, 'run', '--root', folder, '--reporter=json'], folder);
    const { success, numPassedTests } = JSON.parse(report) as { success: boolean; numPassedTests: number };
    expect([success, numPassedTests]).toEqual([true, 7]);
  });
});
