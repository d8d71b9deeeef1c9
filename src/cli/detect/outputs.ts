/**
 * Where results go. An output is a function around the work: it opens, hands over what takes a result, and when the
 * work is done completes its file; when the work fails, nothing of it is left. So outputs can be put inside each other.
 */
import type { DetectionResult } from '../../dff/index.ts';

/** A frame's result, numbered through all videos. */
export type FrameResult = DetectionResult;

export type Consume = (result: FrameResult) => Promise<void>;

export type Output = (work: (consume: Consume) => Promise<void>) => Promise<void>;

/** All outputs as one: each result goes to one after the other. */
export function combineOutputs(outputs: readonly Output[]): Output {
  return outputs.reduceRight<Output>(
    (rest, output) => (work) =>
      output((consume) =>
        rest((consumeRest) =>
          work(async (result) => {
            await consume(result);
            await consumeRest(result);
          }),
        ),
      ),
    (work) => work(async () => {}),
  );
}
