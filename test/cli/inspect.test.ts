import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeSafetensors, tensor } from '../../src/tensor/index.ts';
import { hasShared, shared } from '../shared.ts';
import { changedCheckpoint, emptyFolder, fails, fileWith, narrowCheckpoint, succeeds, video } from './kit.ts';

const inspectJson = async (path: string): Promise<Record<string, unknown>> =>
  JSON.parse(await succeeds(['inspect', path, '--json'])) as Record<string, unknown>;

describe.skipIf(!hasShared)('dff inspect', () => {
  test('lists the arrays of a checkpoint and recognises the network', async () => {
    const text = await succeeds(['inspect', narrowCheckpoint]);
    expect(text).toContain('MXNet parameters, form legacy');
    expect(text).toMatch(/^arg:res3b3_branch2c_weight +F32 {3}32x8x1x1$/m);
    expect(text).toContain('580 arrays, 489211 numbers, 1.96 MB');
    expect(text).toMatch(/network: Deep Feature Flow, ResNet-101, .*, complete$/m);
  });

  test('goes by content, whatever the name', async () => {
    const path = join(emptyFolder(), 'photo.png');
    copyFileSync(narrowCheckpoint, path);
    expect(await inspectJson(path)).toMatchObject({ kind: 'params', forms: ['legacy'], elements: 489211 });
  });

  test('says what an incomplete network lacks', async () => {
    const bytes = await changedCheckpoint((name, value) => (name === 'arg:conv5_weight' ? undefined : value));
    const text = await succeeds(['inspect', fileWith(bytes, 'x.params')]);
    expect(text).toContain('not complete');
    expect(text).toContain('1 missing:\n  conv5_weight (32x32x3x3)');
  });

  test.each(['key', 'current', 'batch', 'frame', 'train'])(
    'finds no difference in the official %s graph',
    async (kind) => {
      const path = shared(`goldens/networks/narrow/${kind}-symbol.json`);
      const { network, nodes } = (await inspectJson(path)) as {
        network: { name: string; differences: unknown[] };
        nodes: unknown[];
      };
      expect(network.name).toMatch(new RegExp(`graph ${kind}$`));
      expect(network.differences).toEqual([]);
      expect(nodes.length).toBeGreaterThan(70);
    },
  );

  test('shows a graph as a table, and where it differs from ours', async () => {
    const text = readFileSync(shared('goldens/networks/narrow/current-symbol.json'), 'utf8');
    const changed = text.replace('"slope": "0.1"', '"slope": "0.2"');
    expect(changed).not.toBe(text);
    const shown = await succeeds(['inspect', fileWith(changed, 'symbol.json')]);
    expect(shown).toMatch(
      /^flow_conv1 +Convolution +kernel=\(7,7\) .* +resize_data flow_conv1_weight flow_conv1_bias$/m,
    );
    expect(shown).toMatch(/1 difference from ours:\n {2}ReLU1 slope is 0\.2 in the file, 0\.1 in ours/);
  });

  test('shows symbols of other networks too', async () => {
    const text = await succeeds(['inspect', shared('fixtures/params/det1-symbol.json')]);
    expect(text).toContain('network: none of the Deep Feature Flow or Frame R-FCN graphs');
  });

  test('tells the size of an image', async () => {
    const text = await succeeds(['inspect', join(video, '000000.JPEG')]);
    expect(text).toMatch(/000000\.JPEG: JPEG image, 1280x720 pixels, 21475 bytes/);
  });
});

test('lists the tensors and metadata of safetensors, without letting names move the cursor', async () => {
  const bytes = encodeSafetensors(new Map([['weight\u001b[2J', tensor([2, 3], [1, 2, 3, 4, 5, 6])]]), {
    by: 'me',
  });
  const text = await succeeds(['inspect', fileWith(bytes, 'x.safetensors')]);
  expect(text).toContain('by  me');
  expect(text).toContain('weight [2J  F32   2x3');
  expect(text).not.toContain('\u001b');
});

/** A safetensors file with this header. */
function safetensors(header: unknown, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

test.each([
  [
    'overlapping tensors',
    safetensors(
      {
        a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
        b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] },
      },
      12,
    ),
    'a gap or an overlap',
  ],
  [
    'a header longer than the file',
    Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 0, 0x7b),
    'the header should have 255 bytes',
  ],
  ['nothing in it', new Uint8Array(0), 'the file is empty'],
  ['other content', Uint8Array.of(1, 2, 3), 'of no kind that dff knows, it starts with 01 02 03'],
  [
    'JSON that is no symbol',
    new TextEncoder().encode('{"a": 1}'),
    'JSON, but not an MXNet symbol, it has no nodes',
  ],
  ['broken JSON', new TextEncoder().encode('{"nodes": [\n\n'), 'not JSON'],
  ['the beginning of a JPEG', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 4), 'JPEG'],
  ['the beginning of a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), 'PNG'],
])('a file with %s is refused with one line', async (_, bytes, message) => {
  expect(await fails(['inspect', fileWith(bytes, 'odd')])).toContain(message);
});

test('a safetensors file whose header length has the byte of { is no JSON', async () => {
  const tensors = { x: { dtype: 'U8', shape: [1], data_offsets: [0, 1] } };
  const bare = JSON.stringify({ __metadata__: { pad: '' }, ...tensors }).length;
  const bytes = safetensors({ __metadata__: { pad: '-'.repeat(0x7b - bare) }, ...tensors }, 1);
  expect(bytes[0]).toBe(0x7b);
  expect(await inspectJson(fileWith(bytes, 'x'))).toMatchObject({ kind: 'safetensors', elements: 1 });
});
