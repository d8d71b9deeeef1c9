/**
 * The fast bilinear sampler, on packed tensors.
 *
 * The four channels of a texel share their position: one texel of the grid, four of the data and one of the scale make
 * four numbers, where the obvious kernel fetches as many for one. Positions outside are brought to row or column −1 or H,
 * W, which are zeros in the border; the weights stay those of the true position, NaN included.
 *
 *   textures (webgl2)  One invocation per texel of the result.
 *   buffers (webgpu)   An invocation does the same pixel of up to 16 groups of channels, so that the position and the
 *                      weights are computed once for 64 channels.
 *
 * Letters  N images, C channels, H × W data, P × Q result; n image, g group of four channels, y × x pixel of the result
 */
import type { KernelSpec, Lowering, NodeView } from './kernel.ts';
import { eachLane } from './lanes.ts';
import type { PackedLayout } from './layout.ts';
import { texelHelpers } from './texel-kernel.ts';
import { placeOf, quotient, texelAt, texelKernel } from './texel-source.ts';

/** Groups of channels that one invocation computes at one pixel, where it can store more than one texel. */
const GROUPS = 16;

/**
 * A lowering that samples input 0 at positions that input 1 says, times input 2 if there is one.
 *
 * @param X, Y texts of a position in pixels of the data, from `where` (the texel of input 1), y and x
 */
export function packedSampler(name: string, node: NodeView, X: string, Y: string): Lowering | undefined {
  const [data, where, scale] = node.inputs.map((_, k) => node.packedInput(k));
  const result = node.packedOutput(0);
  if (!data || !where || !result || (node.inputs.length > 2 && !scale)) return undefined;
  const sampler = { name, data, where, scale, result, X, Y };
  const spec = node.capabilities.packed === 'textures' ? onTextures(sampler) : onBuffers(sampler);
  const fed = node.inputs.map((_, index) => ({ from: 'input', index, as: 'packed' }) as const);
  return { steps: [{ spec, arguments: fed }], outputs: [0] };
}

interface Sampler {
  readonly name: string;
  readonly data: PackedLayout;
  readonly where: PackedLayout;
  readonly scale: PackedLayout | undefined;
  readonly result: PackedLayout;
  readonly X: string;
  readonly Y: string;
}

/** Statements from `where` to the rows v0, v1, columns u0, u1 and weights of the four neighbours. */
function neighbours({ data: { H, W }, X, Y }: Sampler): string {
  return `const X = ${X}; const Y = ${Y};
  const x0 = Math.floor(X); const y0 = Math.floor(Y);
  const a = 1 - (X - x0); const b = 1 - (Y - y0);
  const u0 = Math.max(-1, Math.min(${W}, x0)); const u1 = Math.max(-1, Math.min(${W}, x0 + 1));
  const v0 = Math.max(-1, Math.min(${H}, y0)); const v1 = Math.max(-1, Math.min(${H}, y0 + 1));
  const w00 = a * b; const w01 = (1 - a) * b; const w10 = a * (1 - b); const w11 = (1 - a) * (1 - b);`;
}

/** Statements that declare r0 to r3 from the four texels t00 to t11, and the scale's texel s. */
const blend = (scaled: boolean): string =>
  eachLane((l) => {
    const sum = `w00 * t00[${l}] + w01 * t01[${l}] + w10 * t10[${l}] + w11 * t11[${l}]`;
    return `const r${l} = ${scaled ? `(${sum}) * s[${l}]` : sum};`;
  });

function onTextures(sampler: Sampler): KernelSpec {
  const { name, data, where, scale, result } = sampler;
  const { H, W, border, across, down } = data;
  const at = (v: string, u: string): string => `data[top + ${v}][left + ${u}]`;
  const body = `const where = ${texelAt('textures', 'grid', where, 'n', '0', 'y', 'x')};
  ${neighbours(sampler)}
  const above = ${quotient('g', across)}; const top = (n * ${down} + above) * ${H + border} + ${border};
  const left = (g - above * ${across}) * ${W + 2 * border} + ${border};
  const t00 = ${at('v0', 'u0')}; const t01 = ${at('v0', 'u1')};
  const t10 = ${at('v1', 'u0')}; const t11 = ${at('v1', 'u1')};
  ${scale ? `const s = ${texelAt('textures', 'scale', scale, 'n', 'g', 'y', 'x')};` : ''}
  ${blend(scale !== undefined)}`;
  return texelKernel('textures', name, argumentNames(sampler), result, body);
}

const argumentNames = ({ scale }: Sampler): string[] => ['data', 'grid', ...(scale ? ['scale'] : [])];

function onBuffers(sampler: Sampler): KernelSpec {
  const { name, data, where, scale, result } = sampler;
  const { N, W, H, groups } = result;
  const each = Math.min(GROUPS, groups);
  const slices = Math.ceil(groups / each);
  const at = (layout: PackedLayout, y: string, x: string): string => {
    const { row, column } = placeOf(layout, 'n', 'first', y, x);
    return `(${row}) * ${layout.columns} + ${column}`;
  };
  const step = ({ H: rows, border, columns }: PackedLayout): number => (rows + border) * columns;
  const next = step(data);
  const source = `function ${name}(${argumentNames(sampler).join(', ')}) {
  const n = ${N === 1 ? '0' : quotient('this.thread.z', slices)}; const first = (this.thread.z - n * ${slices}) * ${each};
  const y = this.thread.y; const x = this.thread.x;
  const where = ${texelAt('buffers', 'grid', where, 'n', '0', 'y', 'x')};
  ${neighbours(sampler)}
  const i00 = ${at(data, 'v0', 'u0')}; const i01 = ${at(data, 'v0', 'u1')};
  const i10 = ${at(data, 'v1', 'u0')}; const i11 = ${at(data, 'v1', 'u1')};
  const out = ${at(result, 'y', 'x')}; ${scale ? `const by = ${at(scale, 'y', 'x')};` : ''}
  for (let k = 0; k < ${each}; k++) {
    if (first + k < ${groups}) {
      const t00 = lddata(i00 + k * ${next}); const t01 = lddata(i01 + k * ${next});
      const t10 = lddata(i10 + k * ${next}); const t11 = lddata(i11 + k * ${next});
      ${scale ? `const s = ldscale(by + k * ${step(scale)});` : ''}
      ${blend(scale !== undefined)}
      put(out + k * ${step(result)}, r0, r1, r2, r3);
    }
  }
  return 0;
}`;
  const output = [W, H, N * slices] as const;
  return { name, source, output, gives: 'puts', helpers: texelHelpers(argumentNames(sampler)), result };
}
