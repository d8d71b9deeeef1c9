import { expect, test } from 'vitest';
import { directShader, unfolded } from '../../../src/backends/gpu/texture-kernel.ts';

const MAX_SIDE = 8192;

/** What gpu.js writes, as far as it is changed. */
const shader = (size: string, dimensions: string, output: string, result: string): string => `
ivec3 uOutputDim = ivec3(${output});
ivec2 uTexSize = ivec2(${result});
uniform highp sampler2D user_x;
highp ivec2 user_xSize = ivec2(${size});
highp ivec3 user_xDim = ivec3(${dimensions});
void kernel() { vec4 v = getVec4FromSampler2D(user_x, user_xSize, user_xDim, 0, threadId.y, int(f(1, 2))); }
void main(void) {
  threadId = indexTo3D(index, uOutputDim);
}`;

test('a texture with the sides that a kernel sees is read at row and column', () => {
  const changed = directShader(shader('20, 30', '20, 30, 1', '4, 5, 1', '4, 5'), MAX_SIDE);
  expect(changed).toContain('vec4 v = texelOf_user_x(0, threadId.y, int(f(1, 2)));');
  expect(changed).toContain('texture(user_x, (vec2(x, y) + 0.5) * vec2(5.0');
  expect(changed).toContain('ivec2 place = ivec2(gl_FragCoord.xy); threadId = ivec3(place, 0);');
});

test('planes that stand on each other or lie side by side are read at plane, row and column', () => {
  const stacked = directShader(shader('20, 9', '20, 3, 3', '4, 5, 1', '4, 5'), MAX_SIDE);
  expect(stacked).toContain('texture(user_x, (vec2(x, (y) + (z) * 3) + 0.5)');
  const besides = directShader(shader('60, 30', '20, 30, 3', '4, 5, 1', '4, 5'), MAX_SIDE);
  expect(besides).toContain('texture(user_x, (vec2((x) + (z) * 20, y) + 0.5)');
});

test('folded textures are left to gpu.js', () => {
  const folded = shader('25, 24', '20, 30, 1', '4, 5, 6', '11, 11');
  expect(directShader(folded, MAX_SIDE)).toBe(folded);
});

test('a result that gpu.js folded to the same sides by chance is left to gpu.js', () => {
  const folded = shader('25, 24', '20, 30, 1', '2, 2, 2', '2, 4');
  expect(directShader(folded, MAX_SIDE)).toBe(folded);
  const stacked = directShader(folded, MAX_SIDE, { width: 2, height: 4, stacked: true });
  expect(stacked).toContain('int plane = int(gl_FragCoord.y * 5.0');
  expect(stacked).toContain('place.y -= plane * 2; threadId = ivec3(place, plane);');
  const row = shader('25, 24', '20, 30, 1', '3, 2, 2', '6, 2');
  const besides = directShader(row, MAX_SIDE, { width: 6, height: 2, stacked: false });
  expect(besides).toContain('int plane = int(gl_FragCoord.x * 3.3');
  expect(besides).toContain('place.x -= plane * 3; threadId = ivec3(place, plane);');
});

test('planes of few rows stand on each other, others lie side by side, where a texture can be as large', () => {
  const sides = (axes: readonly number[], maxSide: number) => {
    const { width, height } = unfolded(axes, maxSide) ?? expect.fail();
    return [width, height];
  };
  expect(sides([64, 8192], MAX_SIDE)).toEqual([64, 8192]);
  expect(sides([4, 5, 64], MAX_SIDE)).toEqual([4, 320]);
  expect(sides([4, 5, 64], 256)).toEqual([256, 5]);
  expect(sides([1, 5, 64], MAX_SIDE)).toEqual([64, 5]);
  expect(sides([3, 10, 64], MAX_SIDE)).toEqual([192, 10]);
  expect(sides([3, 10, 12], 128)).toEqual([36, 10]);
  expect(unfolded([3, 10, 64], 128)).toBeUndefined();
});

test('a coordinate of the widest texture is nearest to its own texel', () => {
  const { fround } = Math;
  for (const size of [4097, 8191, 8192]) {
    const scale = fround(Number((1 / size).toExponential(12)));
    for (let k = 0; k < size; k++) expect(Math.floor(fround(fround(k + 0.5) * scale) * size)).toBe(k);
  }
});
