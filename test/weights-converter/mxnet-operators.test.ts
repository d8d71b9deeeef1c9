import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/tensor/index.ts';
import type { MxnetAttributes } from '../../weights-converter/index.ts';
import { fromMxnet } from '../../weights-converter/mxnet-operators.ts';

const window = { stride: [1, 1], pad: [0, 0], dilation: [1, 1], groups: 1 };
const proposals = {
  featureStride: 16,
  scales: [4, 8, 16, 32],
  ratios: [0.5, 1, 2],
  preNms: 6000,
  postNms: 300,
  threshold: 0.7,
  minSize: 16,
};
const reduction = { axes: [], keepDims: false, exclude: false };
const pooling = {
  type: 'max',
  stride: [1, 1],
  pad: [0, 0],
  convention: 'valid',
  global: false,
  countPadding: true,
};

describe('operators of MXNet', () => {
  // The defaults are those of MXNet's documentation.
  test.each<[string, MxnetAttributes, string, object]>([
    ['Convolution', { kernel: [3, 3] }, 'convolution', window],
    ['Deconvolution', { kernel: [4, 4] }, 'deconvolution', { ...window, adjust: [0, 0] }],
    ['Crop', {}, 'crop', { offset: [0, 0] }],
    ['Pooling', { kernel: [2, 3] }, 'pooling', { ...pooling, kernel: [2, 3] }],
    ['Pooling', { global_pool: true }, 'pooling', { ...pooling, kernel: [1, 1], global: true }],
    [
      'BatchNorm',
      {},
      'batchNorm',
      { epsilon: 1e-3, momentum: 0.9, fixGamma: true, statistics: 'moving' }, // prettier-ignore
    ],
    ['LeakyReLU', {}, 'leakyRelu', { slope: 0.25 }],
    ['smooth_l1', {}, 'smoothL1', { sigma: 1 }],
    ['Concat', {}, 'concat', { axis: 1 }],
    ['SliceChannel', { num_outputs: 2 }, 'sliceChannel', { outputs: 2, axis: 1, squeeze: false }],
    ['slice', { begin: [0, null], end: [null, 3] }, 'slice', { begin: [0, null], end: [null, 3], step: [] }],
    ['slice_axis', { axis: 1, begin: 2, end: null }, 'sliceAxis', { axis: 1, begin: 2, end: null }],
    ['slice_axis', { axis: 1, begin: 2, end: 5 }, 'sliceAxis', { axis: 1, begin: 2, end: 5 }],
    ['transpose', {}, 'transpose', { axes: [] }],
    ['Reshape', { shape: [0, -1] }, 'reshape', { shape: [0, -1], reverse: false }],
    ['take', {}, 'take', {}],
    ['sum', {}, 'sum', reduction],
    ['sum', { axis: 1, keepdims: true }, 'sum', { ...reduction, axes: [1], keepDims: true }],
    ['mean', { axis: [0, 2], exclude: true }, 'mean', { ...reduction, axes: [0, 2], exclude: true }],
    [
      '_contrib_PSROIPooling',
      { spatial_scale: 0.0625, output_dim: 31, pooled_size: 7 },
      'psroiPooling',
      { spatialScale: 0.0625, outputChannels: 31, pooledSize: 7, groupSize: 7 },
    ],
    [
      '_contrib_PSROIPooling',
      { spatial_scale: 0.0625, output_dim: 31, pooled_size: 7, group_size: 5 },
      'psroiPooling',
      { spatialScale: 0.0625, outputChannels: 31, pooledSize: 7, groupSize: 5 },
    ],
    ['_contrib_Proposal', {}, 'proposal', proposals],
    ['_contrib_MultiProposal', { rpn_min_size: 0 }, 'multiProposal', { ...proposals, minSize: 0 }],
    ['SoftmaxActivation', {}, 'softmaxActivation', { mode: 'instance' }],
    ['softmax', {}, 'softmax', { axis: -1, temperature: 1 }],
    [
      'SoftmaxOutput',
      {},
      'softmaxOutput',
      { multiOutput: false, useIgnore: false, ignoreLabel: -1, normalization: 'null', gradScale: 1 }, // prettier-ignore
    ],
    ['MakeLoss', {}, 'makeLoss', { gradScale: 1, normalization: 'null', validThreshold: 0 }],
    [
      'MakeLoss',
      { normalization: null },
      'makeLoss',
      { gradScale: 1, normalization: 'null', validThreshold: 0 },
    ],
    [
      'sgd_mom_update',
      { lr: 0.1 },
      'sgdMomentumUpdate',
      { learningRate: 0.1, momentum: 0, weightDecay: 0, rescaleGrad: 1, clipGradient: null },
    ],
    ['Custom', { op_type: 'tile_as' }, 'tileAs', {}],
    ['Custom', { op_type: 'BoxAnnotatorOHEM' }, 'boxAnnotatorOhem', { roisPerImage: 128 }],
    [
      'Custom',
      { op_type: 'BoxAnnotatorOHEM', num_reg_classes: 2, roi_per_img: 64 },
      'boxAnnotatorOhem',
      { roisPerImage: 64 },
    ],
    ['Custom', { op_type: 'proposal_target' }, 'proposalTarget', {}],
    [
      'Custom',
      { op_type: 'proposal_target', num_classes: 2, batch_images: 1, batch_rois: -1, fg_fraction: 0.25 },
      'proposalTarget',
      {},
    ],
    [
      'Custom',
      { op_type: 'rpn_inv_normalize', num_anchors: 9, bbox_mean: [0, 0, 0, 0], bbox_std: [1, 1, 2, 2] },
      'rpnInverseNormalize',
      { means: [0, 0, 0, 0], deviations: [1, 1, 2, 2] },
    ],
  ])('%s with %j is %s', (name, given, operator, attributes) => {
    expect(fromMxnet(name, given)).toEqual({ operator, attributes });
  });

  test('a batch norm uses the statistics of the batch in training only, and only unless told otherwise', () => {
    const statistics = (attributes: MxnetAttributes, training?: boolean): unknown =>
      fromMxnet('BatchNorm', attributes, training === undefined ? {} : { training }).attributes['statistics'];
    expect([statistics({}), statistics({}, false), statistics({}, true)]).toEqual([
      'moving',
      'moving',
      'batch',
    ]);
    expect(statistics({ use_global_stats: true }, true)).toBe('moving');
  });

  test('a gradient is clipped from a limit of 0 on', () => {
    const limit = (value: number): unknown =>
      fromMxnet('sgd_mom_update', { lr: 1, clip_gradient: value }).attributes['clipGradient'];
    expect([limit(-1), limit(0), limit(5)]).toEqual([null, 0, 5]);
  });

  test('a truth value may be a number, 1 or 0', () => {
    const keep = (value: number): unknown => fromMxnet('sum', { keepdims: value }).attributes['keepDims'];
    expect([keep(1), keep(0)]).toEqual([true, false]);
    expect(() => keep(2)).toThrow('sum: attribute keepdims is 2, expected True or False');
  });

  test('attributes that only choose a kernel, or repeat what shapes say, are passed over', () => {
    const more = { num_filter: 8, no_bias: true, workspace: 512, cudnn_tune: 'off', __lr_mult__: 2 };
    expect(fromMxnet('Convolution', { kernel: [1, 1], ...more }).attributes).toEqual(window);
  });

  test.each<[string, string, MxnetAttributes, string]>([
    ['an unknown operator', 'FFT', {}, 'operator "FFT": this MXNet operator has no counterpart here'],
    ['a missing attribute', 'clip', { a_min: 0 }, 'clip: attribute a_max is undefined, expected a number'],
    ['text for a number', 'clip', { a_min: 'x', a_max: 1 }, 'attribute a_min is "x", expected a number'],
    [
      'an attribute that nothing stands for',
      'Crop',
      { center_crop: true },
      'Crop: attribute center_crop = true is not supported',
    ],
    ['one number for two', 'Crop', { offset: [1] }, 'attribute offset is [1], expected two numbers'],
    ['three numbers for two', 'Crop', { offset: [1, 2, 3] }, 'offset is [1,2,3], expected two numbers'],
    ['no numbers for two', 'Crop', { offset: [] }, 'attribute offset is [], expected two numbers'],
    ['text in a tuple', 'Crop', { offset: [1, 'x'] }, 'offset is [1,"x"], expected a tuple of numbers'],
    ['a word for a tuple', 'Crop', { offset: 'x' }, 'offset is "x", expected a tuple of numbers'],
    [
      'text in a tuple that may hold None',
      'slice',
      { begin: [0, 'x'], end: [1, 1] },
      'begin is [0,"x"], expected a tuple of numbers or None',
    ],
    ['a number for such a tuple', 'slice', { begin: 0, end: [1] }, 'begin is 0, expected a tuple of numbers'],
    ['an unknown word', 'Activation', { act_type: 'tanh' }, 'act_type is "tanh", expected relu or sigmoid'],
    ['another axis of take', 'take', { axis: 1 }, 'take: only axis 0 is supported'],
    ['another mode of take', 'take', { mode: 'wrap' }, 'take: attribute mode is "wrap", expected clip'],
    ['another grid', 'GridGenerator', { transform_type: 'affine' }, 'transform_type is "affine"'],
  ])('%s is refused', (_, name, attributes, message) => {
    expect(() => fromMxnet(name, attributes)).toThrow(message);
    expect(() => fromMxnet(name, attributes)).toThrow(FormatError);
  });
});
