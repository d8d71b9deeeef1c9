/** What `dff bench` tells. */
import type { Measured } from './measure.ts';
import type { SpeedUp } from './speed-up.ts';

export interface Report extends Measured {
  /** In words. */
  readonly network: string;
  /** Whether its weights were made up. */
  readonly random: boolean;
  readonly size: { readonly height: number; readonly width: number };
  /** Processor and Node. */
  readonly machine: string;
  /** Empty for networks that compute every frame from scratch. */
  readonly speedUps: readonly SpeedUp[];
  readonly memory: {
    /** Of the whole process. */
    readonly peakBytes: number;
  };
}
