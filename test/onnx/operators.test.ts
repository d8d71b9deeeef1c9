/**
 * Every operator that has an ONNX form: onnxruntime gives what the reference gives, for the random cases of test/ops.
 */
import { describe, expect, test } from 'vitest';
import { hasOnnxForm } from '../../src/onnx/index.ts';
import { type AnyOperator, operators } from '../../src/ops/index.ts';
import { lawsOf } from '../../src/testing/index.ts';
import { operatorCases } from '../browser/operator-cases.ts';
import { onnxBackend } from './onnx-backend.ts';

const exported = Object.values<AnyOperator>(operators).filter(({ name }) => hasOnnxForm(name));
const all = (await operatorCases()).filter(({ operator }) => hasOnnxForm(operator.name));

test('there are cases of every operator that has an ONNX form', () => {
  const tried = new Set(all.map(({ operator }) => operator.name));
  expect(exported.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
});

describe.each(all.map(({ operator: { name }, cases }, k) => ({ name, cases, k })))(
  '$name ($k)',
  ({ name, cases }) => {
    const operator = exported.find((one) => one.name === name)!;
    const unused = (): never => {
      throw new Error('the reference is the oracle');
    };
    const laws = lawsOf(operator, cases, { oracle: unused, backends: [onnxBackend()] });
    test.each(laws.filter((law) => law.name === 'backends'))('$title', async (law) => {
      expect(await law.check()).toBeUndefined();
    });
  },
);
