/** Backends: what runs graphs. */
import { UnsupportedBackendError } from '../tensor/errors.ts';
import type { Backend } from './backend.ts';
import { referenceBackend } from './reference/index.ts';

export * from './backend.ts';
export { referenceBackend } from './reference/index.ts';

/** Backends that can be asked for by name. */
const makers: Readonly<Record<string, () => Backend>> = { reference: referenceBackend };

export const backendNames: readonly string[] = Object.keys(makers);

/** The backend of a name. @throws UnsupportedBackendError for any other name */
export function createBackend(name: string): Backend {
  const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
  if (make) return make();
  throw new UnsupportedBackendError(`backend ${name} does not exist; there is ${backendNames.join(', ')}`);
}
