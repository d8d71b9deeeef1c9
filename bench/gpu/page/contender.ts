/** A contender: something that computes a piece of work on a device, again and again, and leaves the results there. */
import type { Tensor } from '../../../src/tensor/index.ts';

export interface Contender {
  /** Computes once. The result stays on the device; the device may still be at it when this resolves. */
  launch(): Promise<void> | void;
  /** Resolves when everything that was launched has been computed. */
  finish(): Promise<void>;
  /** The last result, as NCHW. */
  read(): Promise<Tensor>;
  /** Throws all results away. */
  release(): void;
  /** Throws everything away. */
  dispose(): void;
}
