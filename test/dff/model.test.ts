import { describe, expect, test } from 'vitest';
import { loadModel, officialModel } from '../../src/dff/model.ts';
import { configure } from '../../src/nets/index.ts';
import {
  bytesSource,
  DffError,
  encodeSafetensors,
  FormatError,
  full,
  memorySink,
  readSafetensors,
} from '../../src/tensor/index.ts';
import { convertCheckpoint } from '../../weights-converter/index.ts';
import { hasShared } from '../shared.ts';
import { checkpointBytes } from './goldens.ts';

describe('officialModel', () => {
  test('names the classes of ImageNet VID, or numbers any other count', () => {
    expect(officialModel(new Map()).classNames[30]).toBe('zebra');
    const two = officialModel(new Map(), { configuration: configure({ classes: 3 }) });
    expect(two.classNames).toEqual(['background', 'class 1', 'class 2']);
    expect(() => officialModel(new Map(), { classNames: ['a'] })).toThrow('31 classes, got 1 names');
  });

  test('refuses images that the network cannot take when it is asked for their graph', () => {
    expect(() => officialModel(new Map()).graph('key', { height: 20, width: 20 })).toThrow(DffError);
  });
});

/** A stored checkpoint, converted. */
async function asSafetensors(name: string): Promise<Uint8Array> {
  const sink = memorySink();
  await convertCheckpoint(bytesSource(checkpointBytes(name), name), sink);
  return sink.bytes();
}

describe('loadModel', () => {
  test.skipIf(!hasShared)('recognises the network of a checkpoint, from bytes or a blob', async () => {
    const bytes = checkpointBytes('narrow-0000.params');
    const [fromBytes, fromBlob] = [
      await loadModel(bytes),
      await loadModel(new Blob([Uint8Array.from(bytes)])),
    ];
    for (const { family, configuration, description, warnings } of [fromBytes, fromBlob]) {
      expect([family, configuration.widthDivisor]).toEqual(['dff', 16]);
      expect(description).toContain('ResNet-101');
      expect(warnings).toEqual([]);
    }
  });

  test.skipIf(!hasShared)('takes what fetch gives, and says when weights are not finite', async () => {
    const tensors = new Map(readSafetensors(await asSafetensors('narrow-0000.params')));
    tensors.set('conv1_weight', full(tensors.get('conv1_weight')!.shape, NaN));
    const { warnings } = await loadModel(Uint8Array.from(encodeSafetensors(tensors)).buffer);
    expect(warnings).toContain('model: NaN or infinite numbers in conv1_weight; scores will be wrong');
  });

  test('says what to do with a path or a forgotten await', async () => {
    const given: [unknown, string][] = [
      ['model.safetensors', 'got the text "model.safetensors", expected bytes'],
      [undefined, 'got undefined, expected bytes'],
      [Promise.resolve(), 'got object, expected bytes'],
    ];
    for (const [source, message] of given) {
      await expect(loadModel(source as Uint8Array)).rejects.toThrow(message);
      await expect(loadModel(source as Uint8Array)).rejects.toThrow(DffError);
    }
  });

  test('refuses what is no checkpoint', async () => {
    await expect(loadModel(new TextEncoder().encode('hello, this is not a model'))).rejects.toThrow(
      FormatError,
    );
  });
});
