/** What carrying features gains over computing every frame from scratch. */
import type { MeasuredKind } from './measure.ts';

export interface SpeedUp {
  /** Every how many frames a key frame comes. */
  readonly interval: number;
  readonly framesPerSecond: number;
  /** By the measured times of frames, from the image to detections. */
  readonly measured: number;
  /** What the paper predicts from multiply-adds alone. */
  readonly predicted: number;
}

/**
 * s = l / (1 + (l − 1) · r) (Eq. 7 of the paper) for every interval l, with r the cost of a current frame over that of a
 * key frame (Eq. 5): once in time, once in multiply-adds.
 */
export function speedUps(
  key: Pick<MeasuredKind, 'milliseconds' | 'multiplyAdds'>,
  current: Pick<MeasuredKind, 'milliseconds' | 'multiplyAdds'>,
  intervals: readonly number[],
): SpeedUp[] {
  return intervals.map((interval) => {
    const gain = (of: 'milliseconds' | 'multiplyAdds'): number =>
      interval / (1 + (interval - 1) * (current[of] / key[of]));
    const measured = gain('milliseconds');
    return {
      interval,
      framesPerSecond: (1000 * measured) / key.milliseconds,
      measured,
      predicted: gain('multiplyAdds'),
    };
  });
}
