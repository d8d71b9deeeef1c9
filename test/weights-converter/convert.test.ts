import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { imagenetVidNames } from '../../src/data/index.ts';
import { configure } from '../../src/nets/index.ts';
import { nodeSha256 } from '../../src/node/hash.ts';
import {
  type ByteSource,
  bytesSource,
  cast,
  encodeSafetensors,
  FormatError,
  memorySink,
  openSafetensors,
  ParameterError,
  readSafetensors,
  type Tensor,
  type TensorData,
  tensor,
  zeros,
} from '../../src/tensor/index.ts';
import {
  convertCheckpoint,
  convertGeneric,
  type ConvertOptions,
  type CheckpointReport,
  encodeParams,
  type Hasher,
  loadCheckpoint,
  officialParameters,
  writeParams,
} from '../../weights-converter/index.ts';
import { hasShared } from '../shared.ts';
import { load, narrow, openFixture, readAll, zeroCheckpoint } from './kit.ts';

const source = (path: string): ByteSource => bytesSource(load(path), path.split('/').at(-1)!);

/** Hashes with Node unless told otherwise: a checkpoint is large, and SHA-256 in JavaScript has tests of its own. */
async function converted(
  from: ByteSource,
  options?: ConvertOptions,
): Promise<{
  report: CheckpointReport;
  bytes: Uint8Array;
  tensors: Map<string, Tensor>;
  metadata: Map<string, string>;
}> {
  const sink = memorySink();
  const report = await convertCheckpoint(from, sink, { hasher: nodeSha256(), ...options });
  const bytes = sink.bytes();
  const { metadata } = await openSafetensors(bytesSource(bytes, 'x'));
  return { report, bytes, tensors: readSafetensors(bytes), metadata: new Map(metadata) };
}

/** Bit for bit; many times faster than `toEqual` on large arrays. */
function sameNumbers(a: TensorData, b: TensorData): boolean {
  const [left, right] = [a, b].map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  return a.constructor === b.constructor && Buffer.compare(left!, right!) === 0;
}

/** Names of tensors that are not the same in both. */
function differing(a: ReadonlyMap<string, Tensor>, b: ReadonlyMap<string, Tensor>): string[] {
  return [...a]
    .filter(([name, { shape, data }]) => {
      const other = b.get(name);
      return other?.shape.join() !== shape.join() || !sameNumbers(other.data, data);
    })
    .map(([name]) => name)
    .toSorted();
}

describe.skipIf(!hasShared)('the narrow checkpoints', () => {
  const cases = [
    ['narrow-0000.params', 'dff', 578],
    ['narrow-frame-0000.params', 'frame', 530],
  ] as const;

  test.each(cases)('%s is recognised and converted', async (name, family, parameters) => {
    const path = `${narrow}/${name}`;
    const { report, tensors, metadata } = await converted(source(path));
    const configuration = configure({ widthDivisor: 16 });
    expect([report.family, report.configuration, report.boxWeights]).toEqual([family, configuration, 'test']);
    expect([report.tensors, report.warnings]).toEqual([parameters + 2, []]);
    const stored = await readAll(await openFixture(path));
    for (const [key, { data }] of stored) {
      const plain = key.slice(4);
      const place = plain.includes('_test')
        ? plain.replace('_test', '')
        : stored.has(`arg:${plain}_test`)
          ? `${plain}_train`
          : plain;
      if (!sameNumbers(tensors.get(place)!.data, data)) expect.fail(`${plain} differs`);
    }
    expect(Object.fromEntries(metadata)).toEqual({
      format: 'deep-feature-flow',
      network: family,
      configuration: JSON.stringify(configuration),
      classes: imagenetVidNames.join(','),
      pixel_means: '123.15,115.9,103.06',
      box_weights: 'test',
      source: name,
      source_sha256: createHash('sha256').update(load(path)).digest('hex'),
    });
  });

  test('the weights for detection are those for training times (0.1, 0.1, 0.2, 0.2)', async () => {
    const { tensors } = await converted(source(`${narrow}/narrow-0000.params`));
    const [test, train] = ['rfcn_bbox_bias', 'rfcn_bbox_bias_train'].map((name) => tensors.get(name)!.data);
    for (let c = 0; c < 392; c++) {
      const deviation = [0.1, 0.1, 0.2, 0.2][Math.floor(c / 49) % 4]!;
      expect(test![c]).toBeCloseTo(train![c]! * deviation, 6);
    }
  });

  test('converting the result again changes nothing', async () => {
    const classNames = Array.from({ length: 31 }, (_, k) => `class ${k}`);
    const once = await converted(source(`${narrow}/narrow-0000.params`), { classNames });
    const again = await converted(bytesSource(once.bytes, 'renamed.safetensors'));
    expect(Buffer.compare(again.bytes, once.bytes)).toBe(0);
    expect(again.report).toEqual(once.report);
    expect(again.report.classNames).toEqual(classNames);
  });

  test('loading gives the same weights from either file, for detection and for training', async () => {
    const original = source(`${narrow}/narrow-frame-0000.params`);
    const result = bytesSource((await converted(original)).bytes, 'x.safetensors');
    for (const use of ['test', 'train'] as const) {
      const [a, b] = [await loadCheckpoint(original, { use }), await loadCheckpoint(result, { use })];
      expect([a.family, a.configuration]).toEqual([b.family, b.configuration]);
      expect(a.parameters.size).toBe(530);
      expect(differing(a.parameters, b.parameters)).toEqual([]);
    }
    const [test, train] = [await loadCheckpoint(result), await loadCheckpoint(result, { use: 'train' })];
    expect(differing(test.parameters, train.parameters)).toEqual(['rfcn_bbox_bias', 'rfcn_bbox_weight']);
  });

  test('without the form for training, training is refused', async () => {
    const { bytes, report } = await converted(source(`${narrow}/narrow-frame-0000.params`), {
      keepTrainingWeights: false,
    });
    expect(report.tensors).toBe(530);
    await expect(loadCheckpoint(bytesSource(bytes, 'x.safetensors'), { use: 'train' })).rejects.toThrow(
      'x.safetensors: holds the box layer for detection only; convert again with keepTrainingWeights',
    );
  });

  test('without the form for detection, the box layer is taken as it is, with a warning', async () => {
    const stored = await readAll(await openFixture(`${narrow}/narrow-frame-0000.params`));
    const plain = [...stored].filter(([name]) => !name.includes('_test'));
    const from = bytesSource(encodeParams(plain, 'v2'), 'plain.params');
    const { report, tensors } = await converted(from);
    expect([report.boxWeights, report.tensors]).toEqual(['unchanged', 530]);
    expect(report.warnings).toEqual([expect.stringContaining('plain.params: has no rfcn_bbox_weight_test')]);
    expect(tensors.get('rfcn_bbox_weight')).toEqual(stored.get('arg:rfcn_bbox_weight'));
  });

  test('float64 arrays are rounded, and it is said', async () => {
    const stored = await readAll(await openFixture(`${narrow}/narrow-frame-0000.params`));
    const wide = [...stored].map(
      ([name, value]) => [name, name === 'arg:rfcn_cls_bias' ? cast(value, 'float64') : value] as const,
    );
    const { report, tensors } = await converted(bytesSource(encodeParams(wide, 'legacy'), 'wide.params'));
    expect(report.warnings).toEqual(['wide.params: rfcn_cls_bias is F64 and was rounded to F32']);
    expect(tensors.get('rfcn_cls_bias')).toEqual(stored.get('arg:rfcn_cls_bias'));
  });

  test('class names have to fit the network', async () => {
    const from = source(`${narrow}/narrow-frame-0000.params`);
    await expect(converted(from, { classNames: ['cat'] })).rejects.toThrow(
      'class names: got 1, the network has 31 classes; the background counts as one and comes first',
    );
    const commas = Array.from({ length: 31 }, () => 'a,b');
    await expect(converted(from, { classNames: commas })).rejects.toThrow('"a,b" is empty or has a comma');
  });
});

describe('a checkpoint that does not fit', () => {
  const network = { family: 'dff', configuration: configure({ widthDivisor: 32 }) } as const;
  const convert = (tensors: ReadonlyMap<string, Tensor>, options?: ConvertOptions) =>
    converted(bytesSource(encodeParams(tensors, 'legacy'), 'x.params'), options);

  test.each<[string, (tensors: Map<string, Tensor>) => unknown, string]>([
    [
      'lacks a parameter',
      (t) => t.delete('conv6_bias'),
      'x.params: does not fit Deep Feature Flow, ResNet-101, FlowNet Simple, 31 classes, 1/32 of the official width: 1 missing: conv6_bias (32)',
    ],
    ['has one too many', (t) => t.set('fc1000_bias', zeros([1000])), '1 unexpected: fc1000_bias (1000)'],
    [
      'has one of another shape',
      (t) => t.set('conv6_bias', zeros([33])),
      '1 of another shape: conv6_bias (got 33, expected 32)',
    ],
    [
      'lacks many',
      (t) => [...t.keys()].filter((k) => k.startsWith('bn2')).map((k) => t.delete(k)),
      '40 missing: bn2a_branch1_gamma (8), bn2a_branch1_beta (8), bn2a_branch1_moving_mean (8), ...',
    ],
    [
      'is no network of the family',
      (t) => t.delete('rfcn_cls_weight'),
      'x.params: neither Deep Feature Flow nor Frame R-FCN, it has no rfcn_cls_weight',
    ],
    [
      'has a strange number of filters',
      (t) => t.set('rfcn_cls_weight', zeros([50, 16, 1, 1])),
      'rfcn_cls_weight has 50 filters',
    ],
    [
      'has a strange number of units',
      (t) => t.delete('res4b7_branch2a_weight'),
      'has 22 residual units in stage 4',
    ],
    [
      'has another number of anchors',
      (t) => t.set('rpn_cls_score_weight', zeros([24, 16, 1, 1])),
      'has 12 anchors per cell, expected 9; say which scales and ratios they have',
    ],
    [
      'has a test form without its layer',
      (t) => t.set('rfcn_x_test', zeros([1])),
      'has rfcn_x_test (1), but there is no rfcn_x',
    ],
    [
      'has a test form of another shape',
      (t) => t.set('rfcn_bbox_bias_test', zeros([1])),
      'has rfcn_bbox_bias_test (1), but rfcn_bbox_bias is 392',
    ],
  ])('%s', async (_, damage, message) => {
    const tensors = zeroCheckpoint(officialParameters(network));
    damage(tensors);
    await expect(convert(tensors)).rejects.toThrow(message);
    await expect(convert(tensors)).rejects.toThrow(ParameterError);
  });

  test('anchors that shapes cannot tell can be told', async () => {
    const anchors = { scales: [4, 8, 16, 32], ratios: [0.5, 1, 2] };
    const configuration = configure({ widthDivisor: 32, anchors });
    const tensors = zeroCheckpoint(officialParameters({ family: 'dff', configuration }));
    const { report, bytes } = await convert(tensors, { network: { configuration: { anchors } } });
    expect(report.configuration).toEqual(configuration);
    expect((await loadCheckpoint(bytesSource(bytes, 'x'))).configuration).toEqual(configuration);
  });

  test('neither kind of file', async () => {
    const from = bytesSource(new TextEncoder().encode('a text that is no model'), 'x');
    const neither = 'x: neither an MXNet parameter file nor safetensors';
    await expect(converted(from)).rejects.toThrow(new RegExp(`^${neither}$`));
    await expect(converted(bytesSource(new Uint8Array(0), 'x'))).rejects.toThrow(
      `${neither}; the file is empty`,
    );
    for (const start of [
      [0x50, 0x4c],
      [0x4f, 0x4b],
      [1, 1, 0, 0, 0, 0, 0, 0, 0],
    ])
      await expect(converted(bytesSource(Uint8Array.from(start), 'x'))).rejects.toThrow(neither);
    const magic = Uint8Array.of(0x12, 1, 0, 0, 0, 0, 0, 0);
    await expect(converted(bytesSource(magic, 'x'))).rejects.toThrow(
      'reserved field needs 8 bytes, 0 are left',
    );
    await expect(converted(bytesSource(magic.slice(0, 7), 'x'))).rejects.toThrow(neither);
    await expect(converted(bytesSource(Uint8Array.of(0x50, 0x4b, 3, 4), 'x'))).rejects.toThrow(
      'a zip archive',
    );
  });
});

describe('metadata that makes no sense is refused', () => {
  const network = { family: 'frame', configuration: configure({ widthDivisor: 64 }) } as const;
  const good = {
    format: 'deep-feature-flow',
    network: 'frame',
    configuration: JSON.stringify(network.configuration),
  };
  const changed = (change: object) => ({
    configuration: JSON.stringify({ ...network.configuration, ...change }),
  });
  test.each([
    ['another network', { network: 'x' }, 'x: metadata: network is "x", expected dff or frame'],
    ['a configuration that is not JSON', { configuration: '{' }, 'x: metadata: configuration is not JSON'],
    [
      'a configuration that is a list',
      { configuration: '[]' },
      'configuration has an unknown field|configuration.depth',
    ],
    ['an unknown field', changed({ x: 1 }), 'configuration has an unknown field "x"'],
    ['a depth that is text', changed({ depth: '50' }), 'configuration.depth is no number'],
    ['a depth that does not exist', changed({ depth: 34 }), 'depth is 34, expected 50 or 101'],
    [
      'anchors of text',
      changed({ anchors: { scales: ['8'], ratios: [1] } }),
      'configuration.anchors.scales is no number',
    ],
    [
      'no anchors',
      changed({ anchors: { scales: [], ratios: [1] } }),
      'configuration.anchors.scales has the wrong length',
    ],
    [
      'three deviations',
      changed({ rpnDeviations: [1, 1, 1] }),
      'configuration.rpnDeviations has the wrong length',
    ],
    [
      'another flow network',
      changed({ flowNetwork: 'x' }),
      'configuration.flowNetwork is neither simple nor half',
    ],
    ['class names for other classes', { classes: 'a,b' }, '2 class names for 31 classes'],
  ])('%s', async (_, change, message) => {
    const file = encodeSafetensors(zeroCheckpoint(officialParameters(network)), { ...good, ...change });
    await expect(converted(bytesSource(file, 'x'))).rejects.toThrow(
      new RegExp(message.replaceAll(/[.[\]]/g, '\\$&')),
    );
    await expect(converted(bytesSource(file, 'x'))).rejects.toThrow(FormatError);
  });
});

test.each([
  ['dff', {}],
  ['dff', { flowNetwork: 'half' }],
  ['dff', { depth: 50, classes: 4 }],
  ['frame', { depth: 50, widthDivisor: 4 }],
  ['dff', { flowNetwork: 'half', widthDivisor: 32, boxGroups: 4 }],
] as const)('%s with %j is recognised from its shapes', async (family, changes) => {
  const configuration = configure({ widthDivisor: 16, ...changes });
  const tensors = zeroCheckpoint(officialParameters({ family, configuration }));
  const loaded = await loadCheckpoint(bytesSource(encodeSafetensors(tensors), 'x'));
  expect([loaded.family, loaded.configuration]).toEqual([family, configuration]);
  expect(loaded.parameters.size).toBe(tensors.size);
});

test('hashes the source itself unless it is given a hasher', async () => {
  const configuration = configure({ widthDivisor: 64, depth: 50 });
  const file = encodeSafetensors(zeroCheckpoint(officialParameters({ family: 'frame', configuration })));
  const report = await convertCheckpoint(bytesSource(file, 'x'), memorySink());
  expect(report.sourceSha256).toBe(createHash('sha256').update(file).digest('hex'));
  let seen = 0;
  const counting: Hasher = { update: ({ length }) => void (seen += length), digest: () => `${seen} bytes` };
  const counted = await convertCheckpoint(bytesSource(file, 'x'), memorySink(), { hasher: counting });
  expect(counted.sourceSha256).toBe(`${file.length} bytes`);
});

describe('any other parameter file', () => {
  const convert = async (from: ByteSource): Promise<Uint8Array> => {
    const sink = memorySink();
    await convertGeneric(from, sink);
    return sink.bytes();
  };

  test.skipIf(!hasShared).each([
    ['det1-0001.params', 4],
    ['go_test-0001.params', 4],
    ['jonggon_cnn_bn_mod-100.params', 4],
    ['jonggon_cnn_Neural_Net-0100.params', 4],
    ['jonggon_row_sparse_mod-10.params', 4],
    ['straight_dope_testnet.params', 0],
    ['d2l_mlp.params', 0],
    ['legacy_ndarray.v0', 0],
  ])('%s keeps its numbers and gets plain names', async (name, prefix) => {
    const path = `fixtures/params/${name}`;
    const tensors = readSafetensors(await convert(source(path)));
    const stored = await readAll(await openFixture(path));
    expect(tensors.size).toBe(stored.size);
    const expected = Array.from(stored, ([key, value]) => [key.slice(prefix), value] as const);
    expect(differing(new Map(expected), tensors)).toEqual([]);
  });

  test('auxiliary names are listed in the metadata', async () => {
    const arrays = [
      ['arg:a', tensor([1], [1])],
      ['aux:b', tensor([1], [2])],
      ['aux:c,"', tensor([1], [3])],
    ] as const;
    const bytes = await convert(bytesSource(encodeParams(arrays, 'v2'), 'x.params'));
    const { metadata } = await openSafetensors(bytesSource(bytes, 'y'));
    expect([...readSafetensors(bytes).keys()]).toEqual(['a', 'b', 'c,"']);
    expect(JSON.parse(metadata.get('mxnet_auxiliary')!)).toEqual(['b', 'c,"']);
  });

  test('one auxiliary array is listed too, and nothing where there is none', async () => {
    const auxiliary = async (file: Uint8Array): Promise<string | undefined> => {
      const { metadata } = await openSafetensors(bytesSource(await convert(bytesSource(file, 'x')), 'y'));
      return metadata.get('mxnet_auxiliary');
    };
    const one = tensor([1], [1]);
    expect(await auxiliary(encodeParams([['aux:a', one]], 'v2'))).toBe('["a"]');
    expect(await auxiliary(encodeParams([['arg:a', one]], 'v2'))).toBeUndefined();
    expect(await auxiliary(encodeSafetensors(new Map([['a', one]])))).toBeUndefined();
  });

  test('arrays and numbers are counted, and what is as it should be gives no warning', async () => {
    const arrays = [
      ['a', zeros([2, 3])],
      ['b', zeros([])],
    ] as const;
    const file = encodeSafetensors(new Map(arrays));
    const report = await convertGeneric(bytesSource(file, 'x'), memorySink());
    expect(report).toMatchObject({ tensors: 2, elements: 7, warnings: [] });
    const plain = encodeParams([['a', zeros([2, 3])]], 'v2');
    const again = await convertGeneric(bytesSource(plain, 'x.params'), memorySink());
    expect(again).toMatchObject({ tensors: 1, elements: 6, warnings: [] });
  });

  test('what MXNet reserves may hold anything', async () => {
    const file = encodeParams([['a', tensor([1], [5])]], 'legacy');
    file.fill(7, 8, 16);
    expect(readSafetensors(await convert(bytesSource(file, 'x.params'))).get('a')).toEqual(tensor([1], [5]));
  });

  test.each([
    ['two names would become one', ['arg:a', 'aux:a']],
    ['one name has no prefix', ['arg:a', 'b']],
    ['one name has it further behind', ['arg:a', 'my_arg:b']],
  ])('prefixes stay where %s', async (_, names) => {
    const arrays = names.map((name, k) => [name, tensor([1], [k])] as const);
    const sink = memorySink();
    const report = await convertGeneric(bytesSource(encodeParams(arrays, 'v2'), 'x.params'), sink);
    expect([...readSafetensors(sink.bytes()).keys()].toSorted()).toEqual(names.toSorted());
    expect(report.warnings).toEqual([expect.stringContaining('arg: and aux: are kept in the names')]);
  });

  test('element types are kept, also those that tensors do not have', async () => {
    const sink = memorySink();
    const long = new Uint8Array(BigInt64Array.of(2n ** 60n, -1n).buffer);
    await writeParams(sink, [{ name: 'n', type: 'I64', shape: [2], bytes: () => [long] }], 'v2');
    const bytes = await convert(bytesSource(sink.bytes(), 'x.params'));
    const { tensors } = await openSafetensors(bytesSource(bytes, 'y'));
    expect(tensors.get('n')).toMatchObject({ type: 'I64', shape: [2] });
    expect(bytes.slice(-16)).toEqual(long);
  });

  test('a safetensors header may be as long as MXNet’s magic number is large', async () => {
    const named = (length: number): Uint8Array =>
      encodeSafetensors(new Map([['a', tensor([1], [7])]]), { x: 'y'.repeat(length) });
    const filler = 0x112 - (named(0).length - 12);
    const text = new TextDecoder().decode(named(filler)).slice(8);
    const bytes = new Uint8Array(8 + 0x112 + 4);
    new DataView(bytes.buffer).setBigUint64(0, 0x112n, true);
    bytes.fill(0x20, 8, 8 + 0x112);
    bytes.set(new TextEncoder().encode(text.slice(0, text.lastIndexOf('}') + 1)), 8);
    expect((await openSafetensors(bytesSource(bytes, 'x'))).tensors.size).toBe(1);
    expect(readSafetensors(await convert(bytesSource(bytes, 'x'))).size).toBe(1);
  });
});
