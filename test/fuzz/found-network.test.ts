/** Found by fuzzing the metadata of converted checkpoints. */
import { expect, test } from 'vitest';
import { configure } from '../../src/nets/index.ts';
import { DffError, FormatError } from '../../src/tensor/index.ts';
import { parseMetadata } from '../../weights-converter/index.ts';

const metadata = (changes: Readonly<Record<string, string>>): Map<string, string> => {
  const configuration = JSON.stringify(configure());
  return new Map(Object.entries({ format: 'deep-feature-flow', network: 'dff', configuration, ...changes }));
};

test.each([1e300, 2.5, 0, 10_001])('a network that asks for %d regions an image is refused', (postNms) => {
  const proposals = { preNms: 6000, postNms, nmsThreshold: 0.7, minSize: 0 };
  expect(() => configure({ proposals })).toThrow('expected a whole number from 1 to 10000');
  expect(() => configure({ proposals })).toThrow(DffError);
  const configuration = JSON.stringify({ ...configure(), proposals });
  expect(() => parseMetadata(metadata({ configuration }), 'x')).toThrow(FormatError);
});

test.each(['1,,2', ',,', ' , , ', '1,2', '1,2,x', ''])('%j are no pixel means', (text) => {
  expect(() => parseMetadata(metadata({ pixel_means: text }), 'x')).toThrow('expected three numbers');
});

test('pixel means are read', () => {
  expect(parseMetadata(metadata({ pixel_means: '1, 2,3.5' }), 'x')?.pixelMeans).toEqual([1, 2, 3.5]);
});
