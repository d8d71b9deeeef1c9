/**
 * The intact files that damage starts from: every real file of the reference data, and small ones of our own, which make
 * cheap cases. Files that are neither of a format stay in too: something else under the right name is damage as well.
 */
import { configure } from '../../src/nets/index.ts';
import {
  bytesSource,
  encodeSafetensors,
  memorySink,
  openSafetensors,
  tensor,
  zeros,
} from '../../src/tensor/index.ts';
import {
  convertCheckpoint,
  encodeParams,
  officialParameters,
  openParams,
} from '../../weights-converter/index.ts';
import { floats, list, load, pack } from '../weights-converter/kit.ts';
import type { Sample } from './mutations.ts';
import { realFiles, short } from './real-files.ts';
import { jsonSpans, paramsSpans, safetensorsSpans } from './spans.ts';

/** Files as they are, without places of interest. */
function plain(paths: readonly string[]): Sample[] {
  return paths.map((path) => ({ name: short(path), bytes: load(path), spans: [] }));
}

async function paramsSample(name: string, bytes: Uint8Array): Promise<Sample> {
  return { name, bytes, spans: paramsSpans(bytes, await openParams(bytesSource(bytes, name))) };
}

export async function paramsSamples(): Promise<Sample[]> {
  const own = ownParams().map(([name, bytes]) => paramsSample(name, bytes));
  const real = realFiles(/\.(?:params|v0)$/, 2.5e6).map((path) => paramsSample(short(path), load(path)));
  const others = realFiles(/\.(?:pt|pth|xml)$/, 5e4);
  return [...(await Promise.all([...own, ...real])), ...plain(others)];
}

/** One small file of each form, dense and sparse. */
function ownParams(): [string, Uint8Array][] {
  const [v1, v2, v3] = [0xf993fac8, 0xf993fac9, 0xf993faca].map((magic) => [4, magic] as const);
  const cpu = pack([4, 1], [4, 0]);
  const legacy = pack([4, 2], [4, 2], [4, 2], cpu, [4, 0], floats(1, 2, 3, 4));
  const first = pack(v1!, [4, 1], [8, 2], cpu, [4, 6], [8, 1], [8, 2]);
  const dense = pack(v2!, [4, 0], [4, 2], [8, 1], [8, 3], cpu, [4, 0], floats(1, 2, 3));
  const scalar = pack(v3!, [4, 0], [4, 0], cpu, [4, 0], floats(7));
  const unknown = pack(v3!, [4, 0], [4, 2], [8, 3], [8, -1]);
  const stored = [
    [4, 2],
    [8, 2],
    [8, 2],
  ] as const;
  const whole = [
    [4, 2],
    [8, 4],
    [8, 2],
  ] as const;
  const rows = [[4, 6], [4, 1], [8, 2], floats(1, 2, 3, 4), [8, 1], [8, 3]] as const;
  const rowSparse = pack(v2!, [4, 1], ...stored, ...whole, cpu, [4, 0], ...rows);
  const starts = [
    [4, 6],
    [4, 1],
    [8, 5],
    [4, 4],
    [4, 1],
    [8, 2],
  ] as const;
  const places = [
    [8, 0],
    [8, 1],
    [8, 1],
    [8, 2],
    [8, 2],
    [4, 1],
    [4, 0],
  ] as const;
  const csr = pack(v2!, [4, 2], [4, 1], [8, 2], ...whole, cpu, [4, 0], ...starts, floats(5, 6), ...places);
  return [
    ['own-forms.params', list([legacy, first, dense, scalar, unknown], ['arg:a', 'arg:b', 'aux:c', 'd', ''])],
    ['own-row-sparse.params', list([rowSparse], ['arg:rows'])],
    ['own-csr.params', list([csr], ['arg:csr'])],
    ['own-nameless.params', list([legacy, dense, legacy])],
  ];
}

/** A header whose length changed gets the length that it has now. */
function mendHeaderLength(damaged: Uint8Array, intact: Uint8Array): Uint8Array {
  if (damaged.length < 8) return damaged;
  const length =
    new DataView(intact.buffer, intact.byteOffset).getUint32(0, true) + damaged.length - intact.length;
  const out = damaged.slice();
  new DataView(out.buffer).setBigUint64(0, BigInt(Math.max(0, length)), true);
  return out;
}

async function safetensorsSample(name: string, bytes: Uint8Array): Promise<Sample> {
  const { tensors } = await openSafetensors(bytesSource(bytes, name));
  return { name, bytes, spans: safetensorsSpans(bytes, tensors.values()), mend: mendHeaderLength };
}

export async function safetensorsSamples(): Promise<Sample[]> {
  const own = encodeSafetensors(
    new Map([
      ['a', tensor([2, 3], [1, 2, 3, 4, 5, 6])],
      ['b/c', tensor([1], [0.1], 'float64')],
      ['\u{1f600}', tensor([0, 4], [])],
    ]),
    { format: 'pt', '': '"' },
  );
  const real = realFiles(/\.safetensors$/, 6e5).map((path) => [short(path), load(path)] as const);
  const files = [['own.safetensors', own] as const, ...real];
  return Promise.all(files.map(([name, bytes]) => safetensorsSample(name, bytes)));
}

export function symbolSamples(): Sample[] {
  const nodes = [
    { op: 'null', name: 'data', inputs: [] },
    { op: 'null', name: 'w', inputs: [], attr: { __shape__: '(1, 3)' } },
    {
      op: 'Pooling',
      name: 'p',
      inputs: [[0, 0]],
      param: { kernel: '(2, 2)', pool_type: 'avg', global_pool: 'True' },
    },
    {
      op: 'BatchNorm',
      name: 'bn',
      inputs: [
        [2, 0, 0],
        [1, 0, 0],
        [1, 0, 0],
      ],
      attrs: { eps: '1e-05' },
    },
  ];
  const attrs = { mxnet_version: ['int', 905] };
  const own = new TextEncoder().encode(
    JSON.stringify({ nodes, arg_nodes: [0, 1], heads: [[3, 0, 0]], attrs }, null, 1),
  );
  const real = realFiles(/symbol\.json$/, 1e6).map((path) => [short(path), load(path)] as const);
  const files = [['own-symbol.json', own] as const, ...real];
  return files.map(([name, bytes]) => ({ name, bytes, spans: jsonSpans(bytes) }));
}

/** The smallest network of the family, as a checkpoint in both formats; a narrow one of MXNet; and what is none. */
export async function checkpointSamples(): Promise<Sample[]> {
  const network = { family: 'frame', configuration: configure({ widthDivisor: 64, depth: 50 }) } as const;
  const parameters = officialParameters(network).map(({ name, shape }) => [name, zeros(shape)] as const);
  const params = encodeParams(parameters, 'legacy');
  const sink = memorySink();
  await convertCheckpoint(bytesSource(params, 'smallest.params'), sink);
  const bare = encodeSafetensors(new Map(parameters));
  const others = realFiles(/\.(?:params|v0|pt|pth|xml|mp4|flo|ppm|safetensors)$/, 4e5);
  const safetensors = others.filter((path) => /hf_|exp|clip/.test(path));
  return [
    await paramsSample('smallest.params', params),
    await safetensorsSample('smallest.safetensors', sink.bytes()),
    await safetensorsSample('bare.safetensors', bare),
    ...(await Promise.all(ownParams().map(([name, bytes]) => paramsSample(name, bytes)))),
    ...(await Promise.all(safetensors.map((path) => safetensorsSample(short(path), load(path))))),
    ...(await Promise.all(
      realFiles(/narrow-frame-0000\.params$/, 2e6).map((path) => paramsSample(short(path), load(path))),
    )),
    ...plain(others.filter((path) => !path.endsWith('.safetensors'))),
  ];
}
