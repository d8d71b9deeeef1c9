/** Which pixel of a window is the largest, for eight channels at once: the rule of `firstMaximum`. */
import { type Body, f32x4, i32x4, type Local, v128 } from '../assembler/index.ts';
import { LOWEST } from '../../../ops/first-maximum.ts';

export interface Winners {
  /** Addresses of the winning pixels, as vectors of i32; 0 where nothing has won. */
  readonly places: readonly [Local<'v128'>, Local<'v128'>];
  /** Before a window. */
  begin(): void;
  /** The next pixel, in row-major order. */
  meet(pixel: Local<'i32'>): void;
}

export function writeWinners(body: Body): Winners {
  const best = [body.local('v128'), body.local('v128')] as const;
  const places = [body.local('v128'), body.local('v128')] as const;
  const [value, isBetter] = [body.local('v128'), body.local('v128')];
  return {
    places,
    begin() {
      best.forEach((half) => body.set(half, f32x4.splat(LOWEST)));
      places.forEach((half) => body.set(half, v128.zero));
    },
    meet(pixel) {
      best.forEach((half, k) => {
        body.set(value, v128.load(pixel, 16 * k));
        body.set(isBetter, f32x4.greater(value, half));
        body.set(half, v128.bitSelect(value, half, isBetter));
        body.set(places[k]!, v128.bitSelect(i32x4.splat(pixel), places[k]!, isBetter));
      });
    },
  };
}
