/**
 * Kernels that carry a tensor from one layout to another.
 *
 * Letters  see `layout.ts`
 */
import type { KernelSpec } from './kernel.ts';
import { LANES } from './lanes.ts';
import { type Axes, type PackedLayout, plainAxes, texels } from './layout.ts';
import { type PackedStorage, placeOf, quotient, texelAt, texelKernel } from './texel-source.ts';

const axesOf = ({ N, C, H, W }: PackedLayout): Axes => plainAxes([N, C, H, W]);

/** Statements that declare output d and section s of a `place` (see `layout.ts`). */
function outputAndSection({ groups, sections }: PackedLayout): string {
  if (sections === 1) return 'const d = place;';
  const size = (4 * groups) / sections;
  return `const s = ${quotient('place', size)}; const d = place - s * ${size};`;
}

/** Text of the channel of output `d` and section s. */
const channelAt = (sections: number, d: string): string => (sections === 1 ? d : `${d} * ${sections} + s`);

/** plain to packed */
export function packKernel(storage: PackedStorage, result: PackedLayout): KernelSpec {
  return storage === 'textures' ? packTexels(result) : packNumbers(result);
}

/** A texel gathers the four channels it is made of. */
function packTexels(result: PackedLayout): KernelSpec {
  const { C, sections } = result;
  const D = C / sections;
  const lane = (k: number): string => {
    const read = `x0[n * ${C} + ${channelAt(sections, `(d + ${k})`)}][y][x]`;
    const whole = D % 4 === 0 || k === 0;
    return whole ? `const r${k} = ${read};` : `let r${k} = 0; if (d + ${k} < ${D}) { r${k} = ${read}; }`;
  };
  const place = `const place = g * 4; ${outputAndSection(result)}`;
  return texelKernel('textures', 'pack', ['x0'], result, [place, ...LANES.map(lane)].join(' '));
}

/** In a buffer each number finds its own place. */
function packNumbers(result: PackedLayout): KernelSpec {
  const { N, C, H, W, border, groups, columns, sections } = result;
  const plane = H + border;
  const source = `function pack(x0) {
  const texel = ${quotient('this.thread.x', 4)}; const lane = this.thread.x - texel * 4;
  const row = ${quotient('texel', columns)}; const x = texel - row * ${columns} - ${border};
  const band = Math.floor((row - ${border} + 0.5) / ${plane}); const y = row - ${border} - band * ${plane};
  const n = ${N === 1 ? '0' : quotient('band', groups)}; const place = (band - n * ${groups}) * 4 + lane;
  ${outputAndSection(result)}
  if (x < 0 || x > ${W - 1} || y > ${H - 1} || d > ${C / sections - 1}) { return 0; }
  return x0[n * ${C} + ${channelAt(sections, 'd')}][y][x];
}`;
  return { name: 'pack', source, output: [4 * texels(result), 1, 1], gives: 'number', result };
}

/** packed to plain */
export function unpackKernel(storage: PackedStorage, from: PackedLayout): KernelSpec {
  const { N, C, groups, sections } = from;
  const image = N === 1 ? 'const n = 0;' : `const n = ${quotient('this.thread.z', C)};`;
  const { row, column } = placeOf(from, 'n', 'g', 'this.thread.y', 'this.thread.x');
  const read =
    storage === 'textures'
      ? `const texel = x0[${row}][${column}]; return texel[lane];`
      : `return x0[((${row}) * ${from.columns} + ${column}) * 4 + lane];`;
  const source = `function unpack(x0) {
  ${image} const c = this.thread.z - n * ${C}; const d = ${quotient('c', sections)};
  const place = d + (c - d * ${sections}) * ${(4 * groups) / sections}; const g = ${quotient('place', 4)}; const lane = place - g * 4;
  ${read}
}`;
  const axes = axesOf(from);
  return { name: 'unpack', source, output: axes, gives: 'number', result: { kind: 'plain', axes } };
}

/** packed to packed, with another border or grid; channels stay in their order */
export function relayKernel(storage: PackedStorage, from: PackedLayout, result: PackedLayout): KernelSpec {
  const body = `const v = ${texelAt(storage, 'x0', from, 'n', 'g', 'y', 'x')};
  const r0 = v[0]; const r1 = v[1]; const r2 = v[2]; const r3 = v[3];`;
  return texelKernel(storage, 'relay', ['x0'], result, body);
}
