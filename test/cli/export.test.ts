import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasShared } from '../shared.ts';
import { modelFacts } from '../onnx/read-onnx.ts';
import {
  changedCheckpoint,
  contents,
  emptyFolder,
  fails,
  fileWith,
  narrowCheckpoint,
  narrowFrameCheckpoint,
  succeeds,
} from './kit.ts';

const small = ['--height', '141', '--width', '250'];

describe.skipIf(!hasShared)('dff export', () => {
  test('tells what it wrote: graph, inputs, outputs and size', async () => {
    const target = join(emptyFolder(), 'flow.onnx');
    const report = await succeeds(['export', narrowCheckpoint, target, '--graph', 'flow', ...small]);
    expect(report).toContain('Deep Feature Flow, ResNet-101, FlowNet Simple, 31 classes');
    expect(report).toMatch(/^graph +flow, 48 nodes, opset 16$/m);
    expect(report).toMatch(/^inputs +data 1x3x141x250\n +data_key 1x3x141x250$/m);
    expect(report).toMatch(/^outputs +flow 1x2x9x16\n +scale 1x64x9x16$/m);
    expect(report).not.toContain('cut before');
  });

  test('tells the same as data', async () => {
    const folder = emptyFolder();
    const target = join(folder, 'feature.onnx');
    const args = ['export', narrowCheckpoint, target, '--graph', 'feature', ...small, '--json'];
    const data: unknown = JSON.parse(await succeeds(args));
    expect(data).toMatchObject({
      source: narrowCheckpoint,
      target,
      graph: 'feature',
      opset: 16,
      inputs: [{ name: 'data', shape: [1, 3, 141, 250] }],
      outputs: [{ name: 'feat_conv_3x3_relu_output', shape: [1, 64, 9, 16] }],
      passes: ['foldBatchNorm', 'fuseConvolution'],
      cutAt: [],
      targetBytes: readFileSync(target).length,
    });
    expect(contents(folder)).toEqual(['feature.onnx']);
  });

  test('the model holds official names, and what its user has to know', async () => {
    const target = join(emptyFolder(), 'feature.onnx');
    await succeeds(['export', narrowCheckpoint, target, '--graph', 'feature', '--as-traced', ...small]);
    const { nodes, initializers, metadata } = modelFacts(readFileSync(target));
    expect(nodes.map(({ name }) => name)).toContain('res5c_branch2b');
    expect(initializers.map(({ name }) => name)).toContain('bn5c_branch2b_moving_var');
    expect(metadata).toMatchObject({
      graph: 'feature',
      pixel_means: '123.15,115.9,103.06',
      classes: expect.stringMatching(/^background,airplane,/) as string,
    });
  });

  test('--cut ends the graph before what ONNX has no form for, and says where', async () => {
    const target = join(emptyFolder(), 'key.onnx');
    const report = await succeeds(['export', narrowCheckpoint, target, '--graph', 'key', '--cut', ...small]);
    expect(report).toMatch(/^cut before +rois \(proposal\)\n +psroipooled_cls_rois \(psroiPooling\)\n/m);
    expect(report).toMatch(/^ +rfcn_bbox_output 1x392x9x16$/m);
    expect(modelFacts(readFileSync(target)).metadata['cut_at']).toBe(
      'rois, psroipooled_cls_rois, psroipooled_loc_rois',
    );
  });

  test('without --cut the first such operator is named, and nothing is written', async () => {
    const folder = emptyFolder();
    const line = await fails([
      'export',
      narrowCheckpoint,
      join(folder, 'key.onnx'),
      '--graph',
      'key',
      ...small,
    ]);
    expect(line).toContain('node rois is a proposal, which has no ONNX form');
    expect(line).toContain('dff export --cut');
    expect(contents(folder)).toEqual([]);
  });

  test('Frame R-FCN has the graphs feature and frame', async () => {
    const target = join(emptyFolder(), 'frame.onnx');
    const report = await succeeds([
      'export',
      narrowFrameCheckpoint,
      target,
      '--graph',
      'frame',
      '--cut',
      ...small,
    ]);
    expect(report).toContain('rois (multiProposal)');
    const line = await fails(['export', narrowFrameCheckpoint, target, '--graph', 'flow', ...small], 2);
    expect(line).toMatch(/--graph is flow, .* has feature, frame$/m);
  });

  test('a model is not written over, and a failed export leaves an older file as it was', async () => {
    const model = join(emptyFolder(), 'model.params');
    copyFileSync(narrowCheckpoint, model);
    expect(await fails(['export', model, model, '--graph', 'flow'], 2)).toContain('both source and target');
    expect(readFileSync(model).equals(readFileSync(narrowCheckpoint))).toBe(true);
    const older = fileWith('older', 'x.onnx');
    await fails(['export', model, older, '--graph', 'current']);
    expect(readFileSync(older, 'utf8')).toBe('older');
  });

  test('a checkpoint that lacks something is refused', async () => {
    const bytes = await changedCheckpoint((name, value) => (name === 'arg:conv5_bias' ? undefined : value));
    const folder = emptyFolder();
    const args = ['export', fileWith(bytes, 'x.params'), join(folder, 'x.onnx'), '--graph', 'feature'];
    expect(await fails(args)).toContain('1 missing: conv5_bias');
    expect(contents(folder)).toEqual([]);
  });

  test('a target that cannot be written is named', async () => {
    const args = ['export', narrowCheckpoint, emptyFolder(), '--graph', 'flow', ...small];
    expect(await fails(args)).toContain('cannot be written, it is a folder');
  });
});

test('--graph is asked for and checked, and images have a least size', async () => {
  expect(await fails(['export', 'a', 'b'], 2)).toContain('--graph is missing');
  expect(await fails(['export', 'a', 'b', '--graph', 'train'], 2)).toContain(
    '--graph is train, expected feature, flow, key, current, frame',
  );
  expect(await fails(['export', 'a', 'b', '--graph', 'flow', '--height', '32'], 2)).toContain(
    '--height is 32, expected a whole number from 33',
  );
});
