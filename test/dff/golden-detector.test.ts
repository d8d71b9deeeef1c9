/** From JPEG files to detections with a narrow network, against the official code run on MXNet. */
import { describe, expect, test } from 'vitest';
import { decodeImage, type Frame } from '../../src/data/index.ts';
import { createDetector } from '../../src/dff/detector.ts';
import { loadModel } from '../../src/dff/model.ts';
import { postprocessPresets } from '../../src/dff/postprocess.ts';
import { frameBytes } from '../data/goldens.ts';
import { hasShared } from '../shared.ts';
import { caseGolden, checkpointBytes, detectionsGoldens, expectDetections } from './goldens.ts';

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
    const model = await loadModel(checkpointBytes(golden.checkpoint));
    expect(model.family).toBe(name === 'frame' ? 'frame' : 'dff');
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
    const model = await loadModel(checkpointBytes(golden.checkpoint));
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
