/** How long the parts of the networks take on the reference backend. */
import { referenceBackend } from '../src/backends/index.ts';
import { type Graph, statistics } from '../src/graph/index.ts';
import { configure, officialGraph } from '../src/nets/index.ts';
import { tensor, type Tensor, zeros } from '../src/tensor/index.ts';
import { randomTensor, uniform } from './random.ts';
import { randomWeights } from './random-weights.ts';

export interface StageResult {
  readonly stage: string;
  readonly nodes: number;
  readonly multiplyAdds: number;
  readonly seconds: number;
}

export interface GraphResult {
  readonly graph: 'key' | 'current';
  readonly stages: readonly StageResult[];
}

/** The node with which each stage begins. */
const beginnings: Readonly<Record<string, string>> = {
  conv1: 'stem',
  res2a_branch1: 'res2',
  res3a_branch1: 'res3',
  res4a_branch1: 'res4',
  res5a_branch1: 'res5',
  feat_conv_3x3: 'reduction',
  _divscalar0: 'flow',
  _mulscalar0: 'warp',
  slicechannel0: 'heads',
};

/** Both graphs on a random image, the key frame first, as a video has them. */
export async function measureStages(options: {
  readonly height: number;
  readonly width: number;
  readonly widthDivisor: number;
}): Promise<GraphResult[]> {
  const { widthDivisor, ...size } = options;
  const configuration = configure({ widthDivisor });
  const [key, current] = [
    officialGraph('key', configuration, size),
    officialGraph('current', configuration, size),
  ];
  const parameters = randomWeights([key, current]);
  const random = uniform(2);
  const image = (): Tensor => randomTensor([1, 3, size.height, size.width], random, 60);
  const im_info = tensor([1, 3], [size.height, size.width, 1]);
  const backend = referenceBackend();

  const keyPlan = await backend.compile(key, parameters);
  const keyImage = image();
  const feat_key = zeros(key.inputs.find(({ name }) => name === 'feat_key')!.shape);
  const values = await keyPlan.run({ data: keyImage, im_info, data_key: keyImage, feat_key });
  const feature = values['feat_conv_3x3_relu_output']!;
  const currentPlan = await backend.compile(current, parameters);
  await currentPlan.run({ data: image(), im_info, data_key: keyImage, feat_key: feature });
  return [
    { graph: 'key', stages: stages(key, keyPlan.report().nodes) },
    { graph: 'current', stages: stages(current, currentPlan.report().nodes) },
  ];
}

function stages(graph: Graph, times: readonly { readonly milliseconds: number }[]): StageResult[] {
  const result: { -readonly [K in keyof StageResult]: StageResult[K] }[] = [];
  statistics(graph).nodes.forEach(({ name, multiplyAdds }, index) => {
    const beginning = beginnings[name];
    if (beginning !== undefined) result.push({ stage: beginning, nodes: 0, multiplyAdds: 0, seconds: 0 });
    const stage = result.at(-1)!;
    stage.nodes++;
    stage.multiplyAdds += multiplyAdds;
    stage.seconds += times[index]!.milliseconds / 1000;
  });
  return result;
}
