/**
 * MXNet's operators in our terms: which operator of the table, with which attributes. Used to read symbol files and
 * golden cases. Attributes that MXNet leaves out have MXNet's defaults.
 */
import { match } from 'ts-pattern';
import type { OperatorName } from '../src/ops/index.ts';
import { FormatError } from '../src/tensor/index.ts';
import { quoted } from '../src/tensor/safetensors/json.ts';
import { AttributeReader, type MxnetAttributes } from './mxnet-attributes.ts';

export interface OperatorCall {
  readonly operator: OperatorName;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const normalizations = { null: 'null', batch: 'batch', valid: 'valid' } as const;

const window = (a: AttributeReader): Record<string, unknown> => {
  a.pair('kernel');
  return {
    stride: a.pair('stride', 1),
    pad: a.pair('pad', 0),
    dilation: a.pair('dilate', 1),
    groups: a.number('num_group', 1),
  };
};

const proposals = (a: AttributeReader): Record<string, unknown> => ({
  featureStride: a.number('feature_stride', 16),
  scales: a.numbers('scales', [4, 8, 16, 32]),
  ratios: a.numbers('ratios', [0.5, 1, 2]),
  preNms: a.number('rpn_pre_nms_top_n', 6000),
  postNms: a.number('rpn_post_nms_top_n', 300),
  threshold: a.number('threshold', 0.7),
  minSize: a.number('rpn_min_size', 16),
});

const reduction = (a: AttributeReader): Record<string, unknown> => ({
  axes: a.numbers('axis', []),
  keepDims: a.boolean('keepdims'),
  exclude: a.boolean('exclude'),
});

const pooling = (a: AttributeReader): Record<string, unknown> => {
  const global = a.boolean('global_pool');
  return {
    type: a.choice('pool_type', { max: 'max', avg: 'average' }, 'max'),
    kernel: a.pair('kernel', global ? 1 : undefined),
    stride: a.pair('stride', 1),
    pad: a.pair('pad', 0),
    convention: a.choice('pooling_convention', { valid: 'valid', full: 'full' }, 'valid'),
    global,
    countPadding: a.boolean('count_include_pad', true),
  };
};

/** The operators that the official code adds in Python. */
function custom(a: AttributeReader): OperatorCall {
  const types = {
    rpn_inv_normalize: 'rpnInverseNormalize',
    tile_as: 'tileAs',
    proposal_target: 'proposalTarget',
    BoxAnnotatorOHEM: 'boxAnnotatorOhem',
  } as const;
  const operator = a.choice('op_type', types);
  const attributes = match(operator)
    .with('rpnInverseNormalize', () => ({ means: a.numbers('bbox_mean'), deviations: a.numbers('bbox_std') }))
    .with('tileAs', () => ({}))
    .with('proposalTarget', () => {
      for (const name of ['batch_images', 'batch_rois', 'fg_fraction']) if (a.has(name)) a.number(name);
      if (a.has('cfg')) a.choice('cfg', {});
      return {};
    })
    .with('boxAnnotatorOhem', () => {
      if (a.has('num_reg_classes')) a.number('num_reg_classes');
      return { roisPerImage: a.number('roi_per_img', 128) };
    })
    .exhaustive();
  return { operator, attributes };
}

/**
 * Translates a call of an MXNet operator.
 *
 * @param training whether it runs in a training pass: decides between batch and moving statistics
 * @throws FormatError for an operator or attribute that has no counterpart
 */
export function fromMxnet(
  name: string,
  attributes: MxnetAttributes,
  { training = false }: { readonly training?: boolean } = {},
): OperatorCall {
  const a = new AttributeReader(name, attributes);
  const call = (operator: OperatorName, given: Record<string, unknown> = {}): OperatorCall => ({
    operator,
    attributes: given,
  });
  const scalar = (operator: OperatorName): OperatorCall => call(operator, { scalar: a.number('scalar') });
  const result = match(name)
    .with('Convolution', () => call('convolution', window(a)))
    .with('Deconvolution', () => call('deconvolution', { ...window(a), adjust: a.pair('adj', 0) }))
    .with('Crop', () => call('crop', { offset: a.pair('offset', 0) }))
    .with('Pooling', () => call('pooling', pooling(a)))
    .with('BatchNorm', () => {
      const stored = a.boolean('use_global_stats') || !training;
      const epsilon = a.number('eps', 1e-3);
      const momentum = a.number('momentum', 0.9);
      const fixGamma = a.boolean('fix_gamma', true);
      return call('batchNorm', { epsilon, momentum, fixGamma, statistics: stored ? 'moving' : 'batch' });
    })
    .with('Activation', () => call(a.choice('act_type', { relu: 'relu', sigmoid: 'sigmoid' })))
    .with('LeakyReLU', () => {
      a.choice('act_type', { leaky: 'leaky' }, 'leaky');
      return call('leakyRelu', { slope: a.number('slope', 0.25) });
    })
    .with('broadcast_add', 'broadcast_plus', () => call('broadcastAdd'))
    .with('broadcast_sub', 'broadcast_minus', () => call('broadcastSub'))
    .with('broadcast_mul', () => call('broadcastMul'))
    .with('broadcast_div', () => call('broadcastDiv'))
    .with('elemwise_add', '_plus', '_Plus', '_add', () => call('elementwiseAdd'))
    .with('elemwise_sub', '_minus', '_Minus', '_sub', () => call('elementwiseSub'))
    .with('elemwise_mul', '_mul', '_Mul', () => call('elementwiseMul'))
    .with('_plus_scalar', '_PlusScalar', () => scalar('plusScalar'))
    .with('_minus_scalar', '_MinusScalar', () => scalar('minusScalar'))
    .with('_rminus_scalar', '_RMinusScalar', () => scalar('rminusScalar'))
    .with('_mul_scalar', '_MulScalar', () => scalar('mulScalar'))
    .with('_div_scalar', '_DivScalar', () => scalar('divScalar'))
    .with('_rdiv_scalar', '_RDivScalar', () => scalar('rdivScalar'))
    .with('smooth_l1', () => call('smoothL1', { sigma: a.number('scalar', 1) }))
    .with('clip', () => call('clip', { min: a.number('a_min'), max: a.number('a_max') }))
    .with('exp', 'log', 'sqrt', (operator) => call(operator))
    .with('BlockGrad', () => call('blockGrad'))
    .with('Concat', 'concat', () => call('concat', { axis: a.number('dim', 1) }))
    .with('SliceChannel', () =>
      call('sliceChannel', {
        outputs: a.number('num_outputs'),
        axis: a.number('axis', 1),
        squeeze: a.boolean('squeeze_axis'),
      }),
    )
    .with('slice', () =>
      call('slice', {
        begin: a.numbersOrNull('begin'),
        end: a.numbersOrNull('end'),
        step: a.numbersOrNull('step', []),
      }),
    )
    .with('slice_axis', () =>
      call('sliceAxis', { axis: a.number('axis'), begin: a.number('begin'), end: a.numberOrNull('end') }),
    )
    .with('transpose', () => call('transpose', { axes: a.numbers('axes', []) }))
    .with('Reshape', 'reshape', () =>
      call('reshape', { shape: a.numbers('shape'), reverse: a.boolean('reverse') }),
    )
    .with('take', () => {
      if (a.number('axis', 0) !== 0) throw new FormatError('take: only axis 0 is supported');
      a.choice('mode', { clip: 'clip' }, 'clip');
      return call('take');
    })
    .with('tile', () => call('tile', { reps: a.numbers('reps') }))
    .with('sum', () => call('sum', reduction(a)))
    .with('mean', () => call('mean', reduction(a)))
    .with('GridGenerator', () => {
      a.choice('transform_type', { warp: 'warp' });
      return call('gridGenerator');
    })
    .with('BilinearSampler', () => call('bilinearSampler'))
    .with('_contrib_PSROIPooling', () => {
      const pooledSize = a.number('pooled_size');
      const groupSize = a.number('group_size', 0) || pooledSize;
      const outputChannels = a.number('output_dim');
      return call('psroiPooling', {
        spatialScale: a.number('spatial_scale'),
        outputChannels,
        pooledSize,
        groupSize,
      });
    })
    .with('ROIPooling', () =>
      call('roiPooling', { spatialScale: a.number('spatial_scale'), pooledSize: a.pair('pooled_size') }),
    )
    .with('_contrib_Proposal', () => call('proposal', proposals(a)))
    .with('_contrib_MultiProposal', () => call('multiProposal', proposals(a)))
    .with('SoftmaxActivation', () =>
      call('softmaxActivation', {
        mode: a.choice('mode', { instance: 'instance', channel: 'channel' }, 'instance'),
      }),
    )
    .with('softmax', () =>
      call('softmax', { axis: a.number('axis', -1), temperature: a.number('temperature', 1) }),
    )
    .with('SoftmaxOutput', () =>
      call('softmaxOutput', {
        multiOutput: a.boolean('multi_output'),
        useIgnore: a.boolean('use_ignore'),
        ignoreLabel: a.number('ignore_label', -1),
        normalization: a.choice('normalization', normalizations, 'null'),
        gradScale: a.number('grad_scale', 1),
      }),
    )
    .with('MakeLoss', () =>
      call('makeLoss', {
        gradScale: a.number('grad_scale', 1),
        normalization: a.choice('normalization', normalizations, 'null'),
        validThreshold: a.number('valid_thresh', 0),
      }),
    )
    .with('sgd_mom_update', () =>
      call('sgdMomentumUpdate', {
        learningRate: a.number('lr'),
        momentum: a.number('momentum', 0),
        weightDecay: a.number('wd', 0),
        rescaleGrad: a.number('rescale_grad', 1),
        clipGradient:
          a.has('clip_gradient') && a.number('clip_gradient') >= 0 ? a.number('clip_gradient') : null,
      }),
    )
    .with('Custom', () => custom(a))
    .otherwise(() => {
      throw new FormatError(`operator ${quoted(name)}: this MXNet operator has no counterpart here`);
    });
  a.finish();
  return result;
}
