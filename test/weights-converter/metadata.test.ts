import { expect, test } from 'vitest';
import { imagenetVidNames, preprocessDefaults } from '../../src/data/index.ts';
import { officialConfiguration } from '../../src/nets/index.ts';
import { FormatError } from '../../src/tensor/index.ts';
import { type ModelMetadata, parseMetadata } from '../../weights-converter/index.ts';

/** What converted files say at least, and more. */
const parsed = (more: Record<string, string> = {}): ModelMetadata | undefined =>
  parseMetadata(
    new Map(
      Object.entries({
        format: 'deep-feature-flow',
        network: 'frame',
        configuration: JSON.stringify(officialConfiguration),
        ...more,
      }),
    ),
    'x',
  );

test('metadata that another program wrote is none of ours', () => {
  expect(parsed({ format: 'pt' })).toBeUndefined();
  expect(parseMetadata(new Map(), 'x')).toBeUndefined();
});

test('what may be left out has the official value, or is not known', () => {
  expect(parsed()).toEqual({
    family: 'frame',
    configuration: officialConfiguration,
    classNames: undefined,
    pixelMeans: preprocessDefaults.pixelMeans,
    boxWeights: 'unchanged',
    source: 'x',
    sourceSha256: '',
  });
});

test('what is there is read', () => {
  const more = {
    network: 'dff',
    classes: imagenetVidNames.join(','),
    pixel_means: '1, 2.5,-3',
    box_weights: 'test',
    source: 'y.params',
    source_sha256: 'abc',
  };
  expect(parsed(more)).toEqual({
    family: 'dff',
    configuration: officialConfiguration,
    classNames: imagenetVidNames,
    pixelMeans: [1, 2.5, -3],
    boxWeights: 'test',
    source: 'y.params',
    sourceSha256: 'abc',
  });
  expect(parsed({ box_weights: 'other' })?.boxWeights).toBe('unchanged');
});

test.each(['', '1,2', '1,2,3,4', '1,x,3', '1, ,3', '1,2,Infinity'])(
  'pixel means of %j are refused',
  (text) => {
    const message = `x: metadata: pixel_means is ${JSON.stringify(text)}, expected three numbers`;
    expect(() => parsed({ pixel_means: text })).toThrow(message);
    expect(() => parsed({ pixel_means: text })).toThrow(FormatError);
  },
);

test.each<[string, object, string]>([
  ['a number that is negative', { boxGroups: -1 }, 'configuration.boxGroups is no number of at least 0'],
  ['an infinite number', { bins: 'infinite' }, 'configuration.bins is no number of at least 0'],
  ['anchors that are no object', { anchors: 1 }, 'configuration.anchors is no object'],
  ['anchors of null', { anchors: null }, 'configuration.anchors is no object'],
  [
    'a number among the scales that is none',
    { anchors: { scales: [8, 'x'], ratios: [1] } },
    'anchors.scales is no',
  ],
])('a configuration with %s is refused', (_, changes, message) => {
  const configuration = JSON.stringify({ ...officialConfiguration, ...changes }).replace(
    '"infinite"',
    '1e999',
  );
  expect(() => parsed({ configuration })).toThrow(`x: metadata: `);
  expect(() => parsed({ configuration })).toThrow(message);
});

test('a configuration may have a 0 where networks can be built from it', () => {
  const proposals = { ...officialConfiguration.proposals, minSize: 0, nmsThreshold: 0 };
  const configuration = JSON.stringify({ ...officialConfiguration, proposals });
  expect(parsed({ configuration })?.configuration.proposals).toEqual(proposals);
});
