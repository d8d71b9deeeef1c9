import { expect, test } from 'vitest';
import { configure, officialConfiguration } from '../../src/nets/index.ts';
import { DffError } from '../../src/tensor/index.ts';

test('the official configuration with changes', () => {
  expect(configure()).toEqual(officialConfiguration);
  expect(configure({ classes: 4, widthDivisor: 64 })).toEqual({
    ...officialConfiguration,
    classes: 4,
    widthDivisor: 64,
  });
});

test.each([
  [{ widthDivisor: 3 }, 'configuration: widthDivisor is 3, expected a divisor of 64'],
  [{ widthDivisor: 0 }, 'widthDivisor is 0'],
  [{ widthDivisor: -1 }, 'widthDivisor is -1'],
  [{ widthDivisor: 0.5 }, 'widthDivisor is 0.5'],
  [{ widthDivisor: 128 }, 'widthDivisor is 128'],
  [{ widthDivisor: Infinity }, 'widthDivisor is Infinity'],
  [{ widthDivisor: NaN }, 'widthDivisor is NaN'],
  [
    { widthDivisor: 64, flowNetwork: 'half' as const },
    'widthDivisor is 64, expected at most 32 with FlowNet Half',
  ],
  [{ classes: 1 }, 'classes is 1, expected at least 2, the background included'],
  [{ classes: 2.5 }, 'classes is 2.5'],
  [
    { proposals: { ...officialConfiguration.proposals, postNms: 0 } },
    'postNms is 0, expected a whole number',
  ],
])('%j makes no network', (changes, message) => {
  expect(() => configure(changes)).toThrow(message);
  expect(() => configure(changes)).toThrow(DffError);
});
