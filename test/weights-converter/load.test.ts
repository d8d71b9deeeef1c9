import { describe, expect, test } from 'vitest';
import { preprocessDefaults } from '../../src/data/index.ts';
import { configure } from '../../src/nets/index.ts';
import { bytesSource, encodeSafetensors, type Tensor, tensor, zeros } from '../../src/tensor/index.ts';
import {
  loadCheckpoint,
  type LoadedCheckpoint,
  type LoadOptions,
  officialParameters,
} from '../../weights-converter/index.ts';
import { zeroCheckpoint } from './kit.ts';

const configuration = configure({ widthDivisor: 64, depth: 50 });
const written = {
  format: 'deep-feature-flow',
  network: 'frame',
  configuration: JSON.stringify(configuration),
  box_weights: 'test',
};

/** A checkpoint of zeros with other tensors in it. */
function loaded(
  changes: Record<string, Tensor>,
  metadata: Record<string, string> = written,
  options: LoadOptions = {},
): Promise<LoadedCheckpoint> {
  const tensors = zeroCheckpoint(officialParameters({ family: 'frame', configuration }));
  for (const [name, value] of Object.entries(changes)) tensors.set(name, value);
  return loadCheckpoint(bytesSource(encodeSafetensors(tensors, metadata), 'x'), options);
}

describe('loadCheckpoint', () => {
  test('says nothing of numbers that are finite', async () => {
    expect((await loaded({})).warnings).toEqual([]);
  });

  test('warns of NaN and infinities wherever they are, and names three arrays', async () => {
    const odd = (shape: readonly number[], at: number, value: number): Tensor => {
      const result = zeros(shape);
      result.data[at] = value;
      return result;
    };
    const three = {
      rpn_cls_score_bias: odd([18], 0, NaN),
      rfcn_cls_bias: odd([31 * 49], 31 * 49 - 1, -Infinity),
      rfcn_bbox_bias: odd([8 * 49], 100, Infinity),
    };
    const names = 'rfcn_bbox_bias, rfcn_cls_bias, rpn_cls_score_bias'; // in the order of the file
    expect((await loaded(three)).warnings).toEqual([
      `x: NaN or infinite numbers in ${names}; scores will be wrong`,
    ]);
    const { warnings } = await loaded({ ...three, rpn_bbox_pred_bias: odd([36], 35, NaN) });
    expect(warnings).toEqual([
      expect.stringMatching(
        /^x: NaN or infinite numbers in \w+, \w+, \w+, \.\.\. \(4 arrays\); scores will be wrong$/,
      ),
    ]);
  });

  test('takes the pixel means of the file, else the official ones', async () => {
    expect((await loaded({}, { ...written, pixel_means: '1,2,3' })).pixelMeans).toEqual([1, 2, 3]);
    expect((await loaded({}, {})).pixelMeans).toEqual(preprocessDefaults.pixelMeans);
  });

  test('warns of a box layer of unknown form when it is for detection, not for training', async () => {
    const unknown = [
      'x: has no rfcn_bbox_weight_test, so the box layer is taken as it is; boxes are wrong if it is the form for training',
    ];
    expect((await loaded({}, {})).warnings).toEqual(unknown);
    expect((await loaded({}, {}, { use: 'train' })).warnings).toEqual([]);
  });

  test('takes a single layer in its form for detection, and the other form for training', async () => {
    const test = tensor([392], new Float32Array(392).fill(2));
    const bias = async (use: 'test' | 'train'): Promise<number> => {
      const checkpoint = await loaded({ rfcn_bbox_bias_test: test }, {}, { use });
      expect(checkpoint.warnings).toEqual([]);
      return checkpoint.parameters.get('rfcn_bbox_bias')!.data[0]!;
    };
    expect([await bias('test'), await bias('train')]).toEqual([2, 0]);
  });

  test('weights that stay in their source are the same, and read again for each use', async () => {
    const bias = tensor(
      [18],
      Float32Array.from({ length: 18 }, (_, k) => k),
    );
    const inMemory = (await loaded({ rpn_cls_score_bias: bias })).parameters;
    const inSource = (await loaded({ rpn_cls_score_bias: bias }, written, { weights: 'source' })).parameters;
    expect(inSource.size).toBe(inMemory.size);
    expect([...inSource.keys()]).toEqual([...inMemory.keys()]);
    expect([...inSource]).toEqual([...inMemory]);
    expect([inSource.has('rpn_cls_score_bias'), inSource.has('other')]).toEqual([true, false]);
    expect(inSource.get('other')).toBeUndefined();
    const [once, twice] = [inSource.get('rpn_cls_score_bias'), inSource.get('rpn_cls_score_bias')];
    expect(once).toEqual(bias);
    expect(twice).not.toBe(once);
  });

  test('weights of a source that cannot be read at once are in memory', async () => {
    const tensors = zeroCheckpoint(officialParameters({ family: 'frame', configuration }));
    const inMemory = bytesSource(encodeSafetensors(tensors, written), 'x');
    const source = { size: inMemory.size, name: 'x', read: inMemory.read.bind(inMemory) };
    const { parameters } = await loadCheckpoint(source, { weights: 'source' });
    expect(parameters.get('rpn_cls_score_bias')).toBe(parameters.get('rpn_cls_score_bias'));
  });
});
