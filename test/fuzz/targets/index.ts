/** Everything that is fuzzed. */
import { hasShared } from '../../shared.ts';
import type { Target } from '../target.ts';
import { argumentsTarget } from './arguments.ts';
import { checkpointTarget } from './checkpoint.ts';
import { jpegTarget, pngTarget } from './images.ts';
import { literalTarget } from './literal.ts';
import { paramsTarget } from './params.ts';
import { safetensorsTarget } from './safetensors.ts';
import { symbolTarget } from './symbol.ts';

type Maker = () => Promise<Target>;

/** The cases of a target are its own affair: whoever runs it hands them back unseen. */
const maker =
  <Case>(make: () => Promise<Target<Case>> | Target<Case>): Maker =>
  async () =>
    (await make()) as unknown as Target;

/** Those that start from real files need the reference data. */
const fileTargets: Readonly<Record<string, Maker>> = {
  params: maker(paramsTarget),
  safetensors: maker(safetensorsTarget),
  symbol: maker(symbolTarget),
  checkpoint: maker(checkpointTarget),
  jpeg: maker(jpegTarget),
  png: maker(pngTarget),
};

const textTargets: Readonly<Record<string, Maker>> = {
  literal: maker(literalTarget),
  arguments: maker(argumentsTarget),
};

const makers = { ...(hasShared ? fileTargets : {}), ...textTargets };

/** Names of the targets that can be made here. */
export const targetNames: readonly string[] = Object.keys(makers);

/** A target with its files loaded. */
export async function makeTarget(name: string): Promise<Target> {
  return makers[name]!();
}
