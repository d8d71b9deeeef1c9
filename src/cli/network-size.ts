/** The options that say how large the images are that a network sees. */
import type { Numeric } from './arguments.ts';

type Pixels = Numeric & { readonly kind: 'integer'; readonly default: number };

const pixels = { kind: 'integer', placeholder: 'PIXELS', least: 33, most: 10_000 } as const;

/** Those of 16:9 video at the official size, by default. */
export const sizeOptions: { readonly height: Pixels; readonly width: Pixels } = {
  height: { ...pixels, default: 562, description: 'Height of the images, as the network sees them.' },
  width: { ...pixels, default: 1000, description: 'Their width.' },
};
