/**
 * The fast kernel of operators that join or cut packed tensors: concat, slices, crop, tilings.
 *
 * The result is a list of stretches, each a block of images and channels of one input, perhaps moved by some pixels. A
 * stretch may begin in any lane of a texel: channel c of the result is channel c + d of the input, and with
 * d = 4D + s, 0 ≤ s < 4, lane l of group g is lane (l + s) mod 4 of group g + D, or of group g + D + 1 where l + s ≥ 4.
 * So a texel is at most two texels of an input, picked apart by constant lanes: no table, no division, and one fetch
 * instead of eight where s is 0, as it is wherever the channels are multiples of four.
 *
 * Letters  n image, g group of four channels, y × x pixel, l lane in a texel
 */
import type { Argument, KernelSpec, NodeView, Step } from './kernel.ts';
import { eachLane, LANES } from './lanes.ts';
import type { PackedLayout } from './layout.ts';
import { texelAt, texelKernel } from './texel-source.ts';

/** A block of the result, and where in an input it comes from. */
export interface Stretch {
  readonly input: number;
  /** Images and channels of the result: first and number. Default all. */
  readonly images?: readonly [first: number, count: number];
  readonly channels?: readonly [first: number, count: number];
  /** Where the block begins in the input. Default 0. */
  readonly fromImage?: number;
  readonly fromChannel?: number;
  readonly fromRow?: number;
  readonly fromColumn?: number;
}

/** Arrays that a kernel can take in every mode: 8 storage buffers in webgpu, of which the result is one. */
const MOST_INPUTS = 7;

/** A step that assembles output `output`; undefined where a tensor has no packed layout, or there are too many. */
export function assemblyStep(
  node: NodeView,
  output: number,
  stretches: readonly Stretch[],
): Step | undefined {
  const result = node.packedOutput(output);
  const layouts = stretches.map(({ input }) => node.packedInput(input));
  if (!result || layouts.includes(undefined) || stretches.length > MOST_INPUTS) return undefined;
  const { packed } = node.capabilities;
  const blocks = stretches.map((stretch, k) => blockOf(packed!, stretch, k, layouts[k]!, result));
  const body = `${eachLane((l) => `let r${l} = 0;`)} ${blocks.join('\n  ')}`;
  const names = stretches.map((_, k) => `x${k}`);
  const spec: KernelSpec = texelKernel(packed!, 'assembly', names, result, body);
  const fed = stretches.map(({ input }): Argument => ({ from: 'input', index: input, as: 'packed' }));
  return { spec, arguments: fed };
}

/** Text that copies a stretch into `r0` to `r3`, where it covers them. */
function blockOf(
  storage: 'textures' | 'buffers',
  stretch: Stretch,
  k: number,
  input: PackedLayout,
  result: PackedLayout,
): string {
  const { fromImage = 0, fromChannel = 0, fromRow = 0, fromColumn = 0 } = stretch;
  const [image, images] = stretch.images ?? [0, result.N];
  const [channel, channels] = stretch.channels ?? [0, result.C];
  const [firstGroup, lastGroup] = [channel >> 2, (channel + channels - 1) >> 2];
  const apart = fromChannel - channel;
  const [groupsApart, shift] = [Math.floor(apart / 4), apart & 3];

  const n = input.N === 1 ? '0' : shifted('n', fromImage - image);
  const [y, x] = [shifted('y', fromRow), shifted('x', fromColumn)];
  const texel = (name: string, group: number): string => {
    const at = `${name}at`;
    // The lanes that are read exist; a texel of which no lane is read may not.
    const inside = [firstGroup + group < 0, lastGroup + group > input.groups - 1];
    const low = inside[0] ? `Math.max(${shifted('g', group)}, 0)` : shifted('g', group);
    const text = inside[1] ? `Math.min(${low}, ${input.groups - 1})` : low;
    return `const ${at} = ${text}; const ${name} = ${texelAt(storage, `x${k}`, input, n, at, y, x)};`;
  };
  const lanes = LANES.map((l) => {
    const from = l + shift;
    const copy = `r${l} = ${from < 4 ? `a${k}` : `b${k}`}[${from & 3}];`;
    const tests = [
      ...(4 * firstGroup + l < channel ? [`g > ${firstGroup}`] : []),
      ...(4 * lastGroup + l >= channel + channels ? [`g < ${lastGroup}`] : []),
    ];
    return tests.length > 0 ? `if (${tests.join(' && ')}) { ${copy} }` : copy;
  });
  const reads = [texel(`a${k}`, groupsApart), ...(shift > 0 ? [texel(`b${k}`, groupsApart + 1)] : [])];
  const tests = [
    ...(firstGroup > 0 ? [`g >= ${firstGroup}`] : []),
    ...(lastGroup < result.groups - 1 ? [`g <= ${lastGroup}`] : []),
    ...(image > 0 ? [`n >= ${image}`] : []),
    ...(image + images < result.N ? [`n < ${image + images}`] : []),
  ];
  const copies = `${reads.join(' ')} ${lanes.join(' ')}`;
  return tests.length > 0 ? `if (${tests.join(' && ')}) { ${copies} }` : copies;
}

/** Text of `index + by`. */
const shifted = (index: string, by: number): string =>
  by === 0 ? index : by > 0 ? `(${index} + ${by})` : `(${index} - ${-by})`;
