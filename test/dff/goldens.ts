/** Goldens of the narrow networks: outputs of the official graphs, and the detections that follow from them. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Detection } from '../../src/dff/postprocess.ts';
import { readSafetensors } from '../../src/tensor/index.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { shared } from '../shared.ts';

const narrow = (file: string): string => shared(`goldens/networks/narrow/${file}`);
const json = (file: string): unknown => JSON.parse(readFileSync(narrow(file), 'utf8'));

type Row = readonly [
  label: number,
  score: number,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  row: number,
];

export interface DetectionsGolden {
  readonly frame: number;
  readonly evaluationCap300: number | null;
  readonly demo: readonly Row[];
  readonly evaluation: readonly Row[];
}

interface Call {
  readonly graph: 'key' | 'current' | 'batch' | 'frame';
  readonly frames: readonly number[];
  readonly keyFrame: number;
  readonly tensors: string;
  readonly images: readonly {
    readonly frame: number;
    readonly height: number;
    readonly width: number;
    readonly scale: number;
  }[];
}

export interface CaseGolden {
  readonly name: string;
  readonly checkpoint: string;
  readonly shortSide: number;
  readonly longSide: number;
  readonly keyInterval: number | null;
  readonly calls: readonly Call[];
  readonly tolerances: { readonly detectionScore: number; readonly detectionBoxPixels: number };
}

export const caseGolden = (name: string): CaseGolden =>
  (json('manifest.json') as { cases: CaseGolden[] }).cases.find((entry) => entry.name === name)!;

export const caseTensors = (name: string): Map<string, Tensor> =>
  readSafetensors(readFileSync(narrow(`${name}.safetensors`)));

export const detectionsGoldens = (name: string): readonly DetectionsGolden[] =>
  (json(`${name}-detections.json`) as { frames: DetectionsGolden[] }).frames;

export const checkpointBytes = (file: string): Uint8Array => readFileSync(narrow(file));

/** The same detections, and in the same order within each class. */
export function expectDetections(
  got: readonly Detection[],
  expected: readonly Row[],
  { detectionScore, detectionBoxPixels }: CaseGolden['tolerances'],
): void {
  expect(got.map(({ label, row }) => [label, row])).toEqual(
    expected.map(([label, , , , , , row]) => [label, row]),
  );
  got.forEach(({ score, box }, i) => {
    const [, expectedScore, ...rest] = expected[i]!;
    expect(Math.abs(score - expectedScore)).toBeLessThanOrEqual(detectionScore);
    for (let side = 0; side < 4; side++) {
      expect(Math.abs(box[side]! - rest[side]!)).toBeLessThanOrEqual(detectionBoxPixels);
    }
  });
}
