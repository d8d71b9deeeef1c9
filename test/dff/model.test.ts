import { describe, expect, test } from 'vitest';
import { loadModel, officialModel } from '../../src/dff/model.ts';
import { configure } from '../../src/nets/index.ts';
import { DffError, FormatError } from '../../src/tensor/errors.ts';
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

  test('refuses what is no checkpoint', async () => {
    await expect(loadModel(new TextEncoder().encode('hello, this is not a model'))).rejects.toThrow(
      FormatError,
    );
  });
});
