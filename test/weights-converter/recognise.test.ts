import { describe, expect, test } from 'vitest';
import { configure, officialConfiguration } from '../../src/nets/index.ts';
import type { Shape } from '../../src/tensor/index.ts';
import {
  checkNetwork,
  describeNetwork,
  type NetworkDescription,
  officialParameters,
  recognise,
} from '../../weights-converter/index.ts';

const official: NetworkDescription = { family: 'dff', configuration: officialConfiguration };

/** Shapes of a network's parameters, with changes. */
function shapesOf(network: NetworkDescription, changes: Record<string, Shape> = {}): Map<string, Shape> {
  const parameters = officialParameters(network).map(({ name, shape }) => [name, shape] as const);
  return new Map([...parameters, ...Object.entries(changes)]);
}

describe('recognise', () => {
  test('knows the released networks by their shapes', () => {
    expect(recognise(shapesOf(official))).toEqual(official);
    const frame: NetworkDescription = { ...official, family: 'frame' };
    expect(recognise(shapesOf(frame))).toEqual(frame);
  });

  test('knows a network that regresses one box for all classes, without a background', () => {
    const configuration = configure({ boxGroups: 1, classes: 2 });
    expect(recognise(shapesOf({ ...official, configuration })).configuration).toEqual(configuration);
  });

  test('counts residual units by whole names only', () => {
    const strangers = { xres4b99_branch2a_weight: [1], res4b99_branch2a_weight_old: [1] };
    expect(recognise(shapesOf(official, strangers)).configuration.depth).toBe(101);
  });

  test.each<[string, Record<string, Shape>, string]>([
    ['no filters', { conv1_weight: [0, 3, 7, 7] }, 'conv1_weight has 0 filters'],
    ['a scalar for a weight', { conv1_weight: [] }, 'conv1_weight has 0 filters'],
    [
      'more filters than the official network',
      { conv1_weight: [96, 3, 7, 7] },
      'conv1_weight has 96 filters',
    ],
    ['no classes', { rfcn_cls_weight: [0, 512, 1, 1] }, 'rfcn_cls_weight has 0 filters'],
    ['no boxes', { rfcn_bbox_weight: [0, 512, 1, 1] }, 'rfcn_bbox_weight has 0 filters'],
    ['half an anchor', { rpn_cls_score_weight: [19, 512, 1, 1] }, 'rpn_cls_score_weight has 19 filters'],
  ])('refuses %s', (_, changes, message) => {
    expect(() => recognise(shapesOf(official, changes), {}, 'x')).toThrow(
      `x: neither Deep Feature Flow nor Frame R-FCN, ${message}`,
    );
  });

  test('refuses a residual network of other depth, or of none', () => {
    const shapes = shapesOf(official);
    const units = [...shapes.keys()].filter((name) => /^res4.*_branch2a_weight$/.test(name));
    expect(units.length).toBe(23);
    for (const name of units.slice(1)) shapes.delete(name);
    expect(() => recognise(shapes)).toThrow('checkpoint: has 1 residual units in stage 4');
    shapes.delete(units[0]!);
    expect(() => recognise(shapes)).toThrow('nor Frame R-FCN, it has no res4..._branch2a_weight');
  });
});

test('a network in words', () => {
  expect(describeNetwork(official)).toBe('Deep Feature Flow, ResNet-101, FlowNet Simple, 31 classes');
  const configuration = configure({ depth: 50, flowNetwork: 'half', classes: 4, widthDivisor: 2 });
  expect(describeNetwork({ family: 'dff', configuration })).toBe(
    'Deep Feature Flow, ResNet-50, FlowNet Half, 4 classes, 1/2 of the official width',
  );
  expect(describeNetwork({ family: 'frame', configuration })).toBe(
    'Frame R-FCN, ResNet-50, 4 classes, 1/2 of the official width',
  );
});

describe('checkNetwork', () => {
  const without = (...names: string[]): Map<string, Shape> => {
    const shapes = shapesOf(official);
    for (const name of names) expect(shapes.delete(name)).toBe(true);
    return shapes;
  };
  const head = 'x: does not fit Deep Feature Flow, ResNet-101, FlowNet Simple, 31 classes:';

  test('says nothing where all fits', () => {
    expect(() => checkNetwork(shapesOf(official), official, 'x')).not.toThrow();
  });

  test('lists three offenders of a kind, and says when there are more', () => {
    const names = ['rpn_cls_score_bias', 'rfcn_cls_bias', 'rfcn_bbox_bias'];
    const three = 'rpn_cls_score_bias (18), rfcn_cls_bias (1519), rfcn_bbox_bias (392)';
    const message = (shapes: Map<string, Shape>): string => {
      try {
        checkNetwork(shapes, official, 'x');
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    expect(message(without(...names))).toBe(`${head} 3 missing: ${three}`);
    expect(message(without('rpn_bbox_pred_bias', ...names))).toMatch(/^x: .*: 4 missing: .*, \.\.\.$/);
    const changes = { rfcn_cls_bias: [2], odd: [1], even: [2] };
    expect(message(shapesOf(official, changes))).toBe(
      `${head} 2 unexpected: odd (1), even (2); 1 of another shape: rfcn_cls_bias (got 2, expected 1519)`,
    );
  });
});
