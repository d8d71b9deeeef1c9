/** Everything that is fuzzed. */
import type { Target } from '../target.ts';
import { argumentsTarget } from './arguments.ts';
import { checkpointTarget } from './checkpoint.ts';
import { jpegTarget, pngTarget } from './images.ts';
import { literalTarget } from './literal.ts';
import { networkTarget } from './network.ts';
import { paramsTarget } from './params.ts';
import { safetensorsTarget } from './safetensors.ts';
import { symbolTarget } from './symbol.ts';

type Maker = () => Promise<Target>;

/** The cases of a target are its own affair: whoever runs it hands them back unseen. */
const maker =
  <Case>(make: () => Promise<Target<Case>> | Target<Case>): Maker =>
  async () =>
    (await make()) as unknown as Target;

const makers: Readonly<Record<string, Maker>> = {
  params: maker(paramsTarget),
  safetensors: maker(safetensorsTarget),
  symbol: maker(symbolTarget),
  checkpoint: maker(checkpointTarget),
  network: maker(networkTarget),
  jpeg: maker(jpegTarget),
  png: maker(pngTarget),
  literal: maker(literalTarget),
  arguments: maker(argumentsTarget),
};

/** All names. Where the reference data is missing, damage starts from files of our own alone. */
export const targetNames: readonly string[] = Object.keys(makers);

/** A target with its files loaded. */
export async function makeTarget(name: string): Promise<Target> {
  return makers[name]!();
}
