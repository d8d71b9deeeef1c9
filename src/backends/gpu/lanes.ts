/** The four lanes of a texel, in source text. */
export const LANES = [0, 1, 2, 3] as const;

/** A piece of text for each lane, one after the other. */
export const eachLane = (text: (lane: number) => string, separator = ' '): string =>
  LANES.map(text).join(separator);
