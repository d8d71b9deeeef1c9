/**
 * One typed configuration for all networks of the family. The defaults are the official ones; a checkpoint carries
 * the configuration that it was made for.
 */
import { DffError } from '../tensor/errors.ts';

export interface AnchorConfiguration {
  /** Sides of the anchors, in units of the feature stride. */
  readonly scales: readonly number[];
  /** Height divided by width. */
  readonly ratios: readonly number[];
}

export interface ProposalConfiguration {
  /** Best-scored boxes that enter the suppression. */
  readonly preNms: number;
  /** Rows of the result. */
  readonly postNms: number;
  /** A box is suppressed when it overlaps a better one by more than this. */
  readonly nmsThreshold: number;
  /** Least width and height, in pixels of the original image. */
  readonly minSize: number;
}

export interface NetworkConfiguration {
  /** Layers of the residual network. */
  readonly depth: 50 | 101;
  /** Every hidden channel count is divided by this (a divisor of 64). 1 is the official network. */
  readonly widthDivisor: number;
  /** FlowNet Simple, or the same with half the filters in every layer. */
  readonly flowNetwork: 'simple' | 'half';
  /** Classes with the background. */
  readonly classes: number;
  readonly anchors: AnchorConfiguration;
  readonly proposals: ProposalConfiguration;
  /** Unit deviations of the RPN's box deltas (dx, dy, dw, dh). */
  readonly rpnDeviations: readonly [number, number, number, number];
  /** Box deltas of the second stage: 2 groups (background, object) of 4. */
  readonly boxGroups: number;
  /** Bins per side of position-sensitive pooling. */
  readonly bins: number;
}

/** ResNet-101, FlowNet Simple, 30 classes and background: the released Deep Feature Flow model. */
export const officialConfiguration: NetworkConfiguration = {
  depth: 101,
  widthDivisor: 1,
  flowNetwork: 'simple',
  classes: 31,
  anchors: { scales: [8, 16, 32], ratios: [0.5, 1, 2] },
  proposals: { preNms: 6000, postNms: 300, nmsThreshold: 0.7, minSize: 0 },
  rpnDeviations: [0.1, 0.1, 0.4, 0.4],
  boxGroups: 2,
  bins: 7,
};

/** Image pixels per feature pixel. */
export const FEATURE_STRIDE = 16;

/**
 * Feature pixels per unit of FlowNet's output. FlowNet was trained to predict flow / 20 in pixels of its own input,
 * which is the image at half size; a feature pixel is 16 image pixels, 8 of those. 20 / 8 = 2.5.
 */
export const FLOW_FACTOR = 2.5;

/**
 * Regions of an image at most. Weights do not depend on their number, so that nothing else keeps a file from asking for
 * more than any memory holds; the official code has 300.
 */
const MOST_REGIONS = 10_000;

/** The official configuration with changes. @throws DffError for values no network can be built from */
export function configure(changes: Partial<NetworkConfiguration> = {}): NetworkConfiguration {
  const configuration = { ...officialConfiguration, ...changes };
  const { widthDivisor, depth, classes, flowNetwork, proposals } = configuration;
  const refuse = (what: string, expected: string): never => {
    throw new DffError(`configuration: ${what}, expected ${expected}`);
  };
  if (depth !== 50 && depth !== 101) refuse(`depth is ${String(depth)}`, '50 or 101');
  if (!Number.isInteger(widthDivisor) || widthDivisor < 1 || 64 % widthDivisor !== 0)
    refuse(`widthDivisor is ${widthDivisor}`, 'a divisor of 64');
  if (flowNetwork !== 'simple' && flowNetwork !== 'half')
    refuse(`flowNetwork is ${String(flowNetwork)}`, 'simple or half');
  if (flowNetwork === 'half' && widthDivisor > 32)
    refuse(`widthDivisor is ${widthDivisor}`, 'at most 32 with FlowNet Half');
  if (!Number.isInteger(classes) || classes < 2)
    refuse(`classes is ${classes}`, 'at least 2, the background included');
  if (!Number.isInteger(proposals.preNms)) refuse(`preNms is ${proposals.preNms}`, 'a whole number');
  const { postNms } = proposals;
  if (!Number.isInteger(postNms) || postNms < 1 || postNms > MOST_REGIONS)
    refuse(`postNms is ${postNms}`, `a whole number from 1 to ${MOST_REGIONS}`);
  return configuration;
}

/** Anchors per cell of the feature map. */
export function anchorCount({ anchors }: NetworkConfiguration): number {
  return anchors.scales.length * anchors.ratios.length;
}

/** Channels of the feature map and of the scale field. */
export function featureChannels({ widthDivisor }: NetworkConfiguration): number {
  return 1024 / widthDivisor;
}
