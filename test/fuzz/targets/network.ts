/**
 * Checkpoints that are whole files but another network than they claim: arrays renamed, dropped, reshaped, marked as
 * forms of the box layer; metadata that says anything.
 */
import fc from 'fast-check';
import { configure, officialGraph } from '../../../src/nets/index.ts';
import { statistics } from '../../../src/graph/index.ts';
import {
  bytesSource,
  elementCount,
  encodeSafetensors,
  memorySink,
  openSafetensors,
  type Shape,
  zeros,
} from '../../../src/tensor/index.ts';
import { convertCheckpoint, encodeParams, officialParameters } from '../../../weights-converter/index.ts';
import { hostileTexts } from '../hostile-texts.ts';
import { attemptNetwork } from './checkpoint.ts';
import { demand, type Target } from '../target.ts';

type ArrayEdit =
  | { readonly kind: 'drop'; readonly array: number }
  | { readonly kind: 'rename'; readonly array: number; readonly suffix: string }
  | { readonly kind: 'copy'; readonly array: number; readonly suffix: string }
  | { readonly kind: 'size'; readonly array: number; readonly axis: number; readonly factor: number };

interface MetadataEdit {
  /** A field of the metadata, or with a dot one of the configuration. */
  readonly field: string;
  readonly value: string;
}

interface Network {
  readonly format: 'params' | 'safetensors';
  readonly arrays: readonly ArrayEdit[];
  readonly metadata: readonly MetadataEdit[];
}

/** The arrays that recognition looks at, and those that have two forms. */
const telling = /^(?:conv1_weight|rfcn_|rpn_cls_score|flow_conv1|res4)/;

/** Short texts only: metadata of any length is a matter of the file format. */
const values: readonly string[] = [
  ...hostileTexts.filter(({ bytes }) => bytes.length < 64).map(({ name }) => name),
  ...['1e-300', '5e-324', '0.001', '1e15', '1e300', '2.5', '-0', '128', '[1e300]', '[0]', '[8,16]', '[[8]]'],
  ...[
    'half',
    'simple',
    'dff',
    'frame',
    'train',
    ',',
    ',,',
    '1,,2',
    '1,2,3',
    'a,b',
    ' , , ',
    'NaN,1,2',
    '1e999,0,0',
  ],
];

export async function networkTarget(): Promise<Target<Network>> {
  const parameters = officialParameters({
    family: 'frame',
    configuration: configure({ widthDivisor: 64, depth: 50 }),
  });
  const names = parameters.map(({ name }) => name);
  const metadata = await officialMetadata(parameters);
  const build = (network: Network): Uint8Array => {
    const arrays = edited(parameters, network.arrays);
    if (network.format === 'params') return encodeParams(arrays, 'legacy');
    return encodeSafetensors(new Map(arrays), editedMetadata(metadata, network.metadata));
  };
  return {
    name: 'network',
    cases: networks(names, Object.keys(JSON.parse(metadata['configuration']!) as object)),
    valid: (['params', 'safetensors'] as const).map((format) => ({ format, arrays: [], metadata: [] })),
    attempt: async (network) => {
      const bytes = build(network);
      const loaded = await attemptNetwork(bytes);
      if (loaded === undefined) return false;
      const kind = loaded.family === 'dff' ? 'batch' : 'frame';
      const size = { height: 64, width: 64 };
      const { peakActivationBytes } = statistics(officialGraph(kind, loaded.configuration, size));
      demand(
        peakActivationBytes < 1e8,
        () => `a network that takes ${peakActivationBytes} bytes for 64x64 pixels`,
      );
      return true;
    },
    allowance: () => 512e6,
    describe: (network) => JSON.stringify(network),
    shortRuns: 150,
  };
}

/** What conversion writes about the intact network. */
async function officialMetadata(
  parameters: readonly { readonly name: string; readonly shape: Shape }[],
): Promise<Record<string, string>> {
  const sink = memorySink();
  const arrays = parameters.map(({ name, shape }) => [name, zeros(shape)] as const);
  await convertCheckpoint(bytesSource(encodeParams(arrays, 'legacy'), 'x.params'), sink);
  return Object.fromEntries((await openSafetensors(bytesSource(sink.bytes(), 'x'))).metadata);
}

function networks(names: readonly string[], settings: readonly string[]): fc.Arbitrary<Network> {
  const special = names.flatMap((name, k) => (telling.test(name) ? [k] : []));
  const array = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...special) }, fc.nat(names.length - 1));
  const suffix = fc.constantFrom('_test', '_train', '_test_test', '_train_test', '', '\n', '__proto__', '_x');
  const arrayEdit: fc.Arbitrary<ArrayEdit> = fc.oneof(
    fc.record({ kind: fc.constant('drop' as const), array }),
    fc.record({ kind: fc.constant('rename' as const), array, suffix }),
    fc.record({ kind: fc.constant('copy' as const), array, suffix }),
    fc.record({
      kind: fc.constant('size' as const),
      array,
      axis: fc.nat(3),
      factor: fc.constantFrom(0, 2, 3, 0.5),
    }),
  );
  const inner = [...settings, 'anchors.scales', 'anchors.ratios'];
  inner.push(...['preNms', 'postNms', 'nmsThreshold', 'minSize', 'x'].map((name) => `proposals.${name}`));
  const outer = [
    'format',
    'network',
    'configuration',
    'classes',
    'pixel_means',
    'box_weights',
    'source',
    '__proto__',
  ];
  const field = fc.oneof(
    fc.constantFrom(...outer),
    fc.constantFrom(...inner.map((name) => `configuration.${name}`)),
  );
  return fc.record({
    format: fc.constantFrom('params', 'safetensors', 'safetensors'),
    arrays: fc.array(arrayEdit, { maxLength: 2 }),
    metadata: fc.array(fc.record({ field, value: fc.constantFrom(...values) }), { maxLength: 2 }),
  });
}

type Arrays = (readonly [name: string, tensor: ReturnType<typeof zeros>])[];

function edited(
  parameters: readonly { readonly name: string; readonly shape: Shape }[],
  edits: readonly ArrayEdit[],
): Arrays {
  const shapes = new Map(parameters.map(({ name, shape }) => [name, shape]));
  for (const edit of edits) {
    const { name, shape } = parameters[edit.array]!;
    if (edit.kind === 'drop' || edit.kind === 'rename') shapes.delete(name);
    if (edit.kind === 'rename' || edit.kind === 'copy') shapes.set(`${name}${edit.suffix}`, shape);
    if (edit.kind !== 'size') continue;
    const resized = shape.map((size, axis) => (axis === edit.axis ? Math.floor(size * edit.factor) : size));
    if (elementCount(resized) < 1e7) shapes.set(name, resized);
  }
  return Array.from(shapes, ([name, shape]) => [name, zeros(shape)] as const);
}

function editedMetadata(
  metadata: Readonly<Record<string, string>>,
  edits: readonly MetadataEdit[],
): Record<string, string> {
  const result = new Map(Object.entries(metadata));
  for (const { field, value } of edits) {
    const [outer = '', ...path] = field.split('.');
    result.set(
      outer,
      path.length === 0 ? value : withSetting(result.get('configuration') ?? '', path, value),
    );
  }
  return Object.fromEntries(result);
}

/** A JSON object with one value replaced by a text that need not be JSON. */
function withSetting(json: string, path: readonly string[], value: string): string {
  const marker = '"?"';
  try {
    const object = JSON.parse(json) as Record<string, unknown>;
    const [first = '', second] = path;
    if (second === undefined) object[first] = '?';
    else (object[first] as Record<string, unknown>)[second] = '?';
    return JSON.stringify(object).replace(marker, () => value);
  } catch {
    return json; // an edit before made it no object any more
  }
}
