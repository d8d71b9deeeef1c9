import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quotient } from '../../../src/backends/gpu/texel-source.ts';

/** The text, computed with every number rounded to float32 as devices do. */
function inFloat32(text: string, v: number): number {
  const [, half, factor] = /^Math\.floor\(\(v \+ ([\d.]+)\) \* ([\d.]+)\)$/.exec(text)!;
  const sum = Math.fround(Math.fround(v) + Number(half));
  return Math.floor(Math.fround(sum * Math.fround(Number(factor))));
}

test('a quotient of whole numbers below two million is whole on a device that rounds every step', () => {
  const wrong: [number, number][] = [];
  const random = fc.sample(fc.tuple(fc.integer({ min: 2, max: 16384 }), fc.nat(2 ** 21 - 16384)), 5000);
  for (const [d, v] of random) {
    const whole = v - (v % d);
    for (const near of [v, whole, whole + d - 1]) {
      if (inFloat32(quotient('v', d), near) !== Math.floor(near / d)) wrong.push([near, d]);
    }
  }
  expect(wrong).toEqual([]);
});
