/** The options that choose what computes, for commands that run networks. */
import {
  type Backend,
  backendNames,
  type BackendOptions,
  createBackend,
  gpuModes,
} from '../backends/index.ts';
import { UnsupportedBackendError } from '../tensor/index.ts';
import type { Numeric, Text } from './arguments.ts';
import { oneLine, UsageError } from './failure.ts';
import type { Terminal } from './command.ts';

/** What runs when nothing is asked for, where it can; else the reference, which runs everywhere. */
const PREFERRED = 'wasm';
const EVERYWHERE = 'reference';

const modes = [...gpuModes, 'best'] as const;

/** Definitions of the options. */
export const backendOptions: {
  readonly backend: Text;
  readonly threads: Numeric & { readonly kind: 'integer' };
  readonly mode: Text;
} = {
  backend: {
    kind: 'text',
    placeholder: 'NAME',
    description: `What computes: ${backendNames.join(', ')}. Default ${PREFERRED}, or ${EVERYWHERE} where that cannot run.`,
  },
  threads: {
    kind: 'integer',
    placeholder: 'N',
    least: 1,
    most: 256,
    description: 'Workers of the backend wasm. Default one for each core.',
  },
  mode: {
    kind: 'text',
    placeholder: 'MODE',
    description: `How the backend gpu computes: ${modes.join(', ')}. Default best, the first that works here; dff doctor tries all.`,
  },
};

/** What was asked for. */
export interface BackendChoice {
  /** Undefined: the preferred one, where it can run. */
  readonly backend: string | undefined;
  readonly options: BackendOptions;
}

/** @throws UsageError for names that do not exist, and options of other backends */
export function readBackend(given: {
  readonly backend: string | undefined;
  readonly threads: number | undefined;
  readonly mode: string | undefined;
}): BackendChoice {
  const { backend, threads } = given;
  if (backend !== undefined && !backendNames.includes(backend)) {
    throw new UsageError(`--backend is ${backend}, expected ${backendNames.join(' or ')}`);
  }
  const running = backend ?? PREFERRED;
  if (threads !== undefined && running !== 'wasm') {
    throw new UsageError(`--threads is of --backend wasm, not of ${running}`);
  }
  if (given.mode !== undefined && running !== 'gpu') {
    throw new UsageError(`--mode is of --backend gpu, not of ${running}`);
  }
  const mode = modes.find((name) => name === given.mode);
  if (given.mode !== undefined && mode === undefined) {
    throw new UsageError(`--mode is ${given.mode}, expected ${modes.join(' or ')}`);
  }
  return {
    backend,
    options: {
      ...(running === 'wasm' && { simd: 'fastest' }), // the process is the command's own
      ...(mode !== undefined && { mode }),
      ...(threads !== undefined && { threads }),
    },
  };
}

/** Makes the backend. Where the preferred one cannot run and none was asked for, says why and takes the reference. */
export async function openBackend({ backend, options }: BackendChoice, terminal: Terminal): Promise<Backend> {
  try {
    return await createBackend(backend ?? PREFERRED, options);
  } catch (error) {
    if (backend !== undefined || !(error instanceof UnsupportedBackendError)) throw error;
    terminal.errors.write(`dff: ${oneLine(error.message)}; computing with the backend ${EVERYWHERE}\n`);
    return createBackend(EVERYWHERE);
  }
}
