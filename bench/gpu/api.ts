/** What the program asks of its page, and what it hears. Plain data: it crosses from one process to another. */
import type { LayerWork } from './work.ts';

export type Mode = 'webgl2' | 'webgpu';
export type Kernels = 'fast' | 'obvious';
export type Peer = 'tfjs' | 'obvious' | 'reference';

/** What draws, in the words of the browser. */
export interface Adapter {
  readonly name: string;
  /** The processor pretends to be a graphics card. */
  readonly software: boolean;
}

export interface Timing {
  /** Measurements of each side. */
  readonly rounds: number;
  /** Milliseconds: a measurement repeats its work until it takes about as long, for clocks are coarse. */
  readonly least: number;
  /** Milliseconds after which two rounds are enough. */
  readonly patience: number;
}

/** Milliseconds of one computation on either side. */
export interface Outcome {
  readonly ours: number;
  readonly peer: number;
  /** Of the results, relative to the largest value. */
  readonly difference: number;
}

export interface DetectorOutcome {
  readonly key: Outcome;
  /** A frame that a feature is carried to. */
  readonly other: Outcome;
  readonly detections: readonly [ours: number, peer: number];
}

export interface PageApi {
  /** What would draw in this mode. Throws when nothing does. */
  adapter(mode: Mode): Promise<Adapter>;
  /** The backends' own words: names and versions of what is measured. */
  contenders(mode: Mode): Promise<{ readonly ours: string; readonly tensorflow: string }>;
  layer(mode: Mode, peer: 'tfjs' | 'obvious', layer: LayerWork, timing: Timing): Promise<Outcome>;
  warp(mode: Mode, timing: Timing): Promise<Outcome>;
  psroi(mode: Mode, timing: Timing): Promise<Outcome>;
  /** The whole detector with a quarter of the channels, on frames with a shorter side of so many pixels. */
  detector(mode: Mode, shortSide: number, timing: Timing): Promise<DetectorOutcome>;
}
