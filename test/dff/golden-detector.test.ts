/** From JPEG files to detections with a narrow network, against the official code run on MXNet. */
import { describe, expect, test } from 'vitest';
import { decodeImage, type Frame } from '../../src/data/index.ts';
import { createDetector } from '../../src/dff/detector.ts';
import { type Model, officialModel } from '../../src/dff/model.ts';
import { postprocessPresets } from '../../src/dff/postprocess.ts';
import { configure } from '../../src/nets/index.ts';
import { bytesSource, type Tensor } from '../../src/tensor/index.ts';
import { openParams } from '../../weights-converter/mxnet-params.ts';
import { frameBytes } from '../data/goldens.ts';
import { hasShared } from '../shared.ts';
import { caseGolden, checkpointBytes, detectionsGoldens, expectDetections } from './goldens.ts';

/** The checkpoint's arrays by name; where there is a `_test` copy, that one. */
async function narrowModel(checkpoint: string, family: 'dff' | 'frame'): Promise<Model> {
  const file = await openParams(bytesSource(checkpointBytes(checkpoint), checkpoint));
  const parameters = new Map<string, Tensor>();
  for (const entry of file.entries)
    parameters.set(entry.name.replace(/^(arg|aux):/, ''), await file.read(entry));
  const forTesting = [...parameters].filter(([name]) => name.endsWith('_test'));
  for (const [name, value] of forTesting) parameters.set(name.slice(0, -'_test'.length), value);
  return officialModel(parameters, { configuration: configure({ widthDivisor: 16 }), family });
}

async function* clip(indices: readonly number[]): AsyncIterable<Frame> {
  for (const index of indices) {
    const source = `frame ${index}`;
    yield { index, source, image: await decodeImage(frameBytes(index), { name: source }) };
  }
}

const settings = { scoreThreshold: 1e-3, precision: 'float64' } as const;

describe.skipIf(!hasShared)('a narrow network finds in a real clip what the official code finds', () => {
  test.each(['small', 'frame', 'full'])('frame by frame, case %s', async (name) => {
    const golden = caseGolden(name);
    const model = await narrowModel(golden.checkpoint, name === 'frame' ? 'frame' : 'dff');
    const { shortSide, longSide } = golden;
    const detector = createDetector({
      model,
      shortSide,
      longSide,
      postprocess: settings,
      keyInterval: golden.keyInterval ?? 10,
    });
    const goldens = detectionsGoldens(name);
    let position = 0;
    for await (const { index, detections, isKey } of detector.detect(
      clip(goldens.map(({ frame }) => frame)),
    )) {
      const { frame, evaluation, demo } = goldens[position++]!;
      expect(index).toBe(frame);
      expect(isKey).toBe(name === 'frame' || index % (golden.keyInterval ?? 1) === 0);
      expectDetections(detections, evaluation, golden.tolerances);
      const sure = detections.filter(({ score }) => score > postprocessPresets.demo.scoreThreshold);
      expectDetections(sure, demo, golden.tolerances);
    }
    expect(position).toBe(goldens.length);
  });

  test('in one pass, case batch', async () => {
    const golden = caseGolden('batch');
    const model = await narrowModel(golden.checkpoint, 'dff');
    const detector = createDetector({ model, shortSide: 150, longSide: 250, postprocess: settings });
    const goldens = detectionsGoldens('batch');
    const frames: Frame[] = [];
    for await (const frame of clip(goldens.map(({ frame }) => frame))) frames.push(frame);
    const results = await detector.detectBatch(frames);
    results.forEach(({ detections }, i) =>
      expectDetections(detections, goldens[i]!.evaluation, golden.tolerances),
    );
    expect(results.length).toBe(4);
  });
});
