/** The page of the benchmark: does what the program asks, one thing at a time. */
import { elementCount } from '../../../src/tensor/index.ts';
import type { Outcome, PageApi, Timing } from '../api.ts';
import { adapter } from './adapter.ts';
import { demand, layerDifference, relativeDifference } from './check.ts';
import type { Contender } from './contender.ts';
import { detectorOutcome } from './detector.ts';
import { gpuDevice, referenceDevice } from './devices.ts';
import { layerInputs, psroiInputs, warpInputs } from './inputs.ts';
import { measure } from './measure.ts';
import { layerContender, psroiContender, warpContender } from './ours.ts';
import { tensorflow } from './tensorflow.ts';
import { tensorflowLayer, tensorflowWarp } from './tensorflow-layers.ts';

const api: PageApi = {
  adapter,

  async contenders(mode) {
    const [{ description }, { name }] = [await gpuDevice(mode, 'fast'), await tensorflow(mode)];
    return { ours: description, tensorflow: name };
  },

  async layer(mode, peer, layer, timing) {
    const inputs = layerInputs(layer);
    const ours = await layerContender(await gpuDevice(mode, 'fast'), layer, inputs);
    const theirs =
      peer === 'tfjs'
        ? tensorflowLayer(await tensorflow(mode), layer, inputs)
        : await layerContender(await gpuDevice(mode, 'obvious'), layer, inputs);
    return compare(ours, theirs, peer, timing, (result) => layerDifference(layer, inputs, result));
  },

  async warp(mode, timing) {
    const inputs = warpInputs();
    const ours = await warpContender(await gpuDevice(mode, 'fast'), inputs);
    const theirs = tensorflowWarp(await tensorflow(mode), inputs);
    const expected = await once(await warpContender(referenceDevice(), inputs));
    return compare(ours, theirs, 'tfjs', timing, (result) => relativeDifference(result, expected));
  },

  async psroi(mode, timing) {
    const inputs = psroiInputs();
    const ours = await psroiContender(await gpuDevice(mode, 'fast'), inputs);
    const theirs = await psroiContender(referenceDevice(), inputs);
    return compare(ours, theirs, 'reference', timing, () => 0);
  },

  detector: async (mode, shortSide, timing) =>
    detectorOutcome(await gpuDevice(mode, 'fast'), shortSide, timing),
};

type Result = Awaited<ReturnType<Contender['read']>>;

/** Checks both results, against the definition and against each other, then measures. */
async function compare(
  ours: Contender,
  peer: Contender,
  peerName: string,
  timing: Timing,
  difference: (result: Result) => number,
): Promise<Outcome> {
  try {
    const expected = await checked(peer, peerName, difference);
    const result = await checked(ours, 'ours', difference);
    const between = demand(`ours or ${peerName}`, relativeDifference(result, expected));
    const resultBytes = 4 * elementCount(result.shape);
    return { ...(await measure(ours, peer, { ...timing, resultBytes })), difference: between };
  } finally {
    ours.dispose();
    peer.dispose();
  }
}

/** A right result that stays the same when it is computed again, twice, as measuring does: earlier ones are kept. */
async function checked(
  contender: Contender,
  name: string,
  difference: (result: Result) => number,
): Promise<Result> {
  await contender.launch();
  const result = await contender.read();
  demand(name, difference(result));
  await contender.launch();
  await contender.launch();
  demand(`${name}, computed again,`, relativeDifference(await contender.read(), result));
  contender.release();
  return result;
}

async function once(contender: Contender): Promise<Result> {
  await contender.launch();
  const result = await contender.read();
  contender.dispose();
  return result;
}

declare global {
  var bench: PageApi;
}
globalThis.bench = api;
