/** The team of a backend. */
import { callingThread } from './calling-thread.ts';
import { FAILED } from './crew.ts';
import { nodeBuiltin } from './node-builtin.ts';
import type { Team } from './team.ts';
import { workerTeam } from './worker-team.ts';

/** Workers, or the calling thread where they cannot be started. */
export async function openTeam(threads: number): Promise<Team> {
  if (typeof SharedArrayBuffer === 'undefined') {
    const hint = 'a page needs the headers Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy';
    return callingThread(`memory cannot be shared here; ${hint}`);
  }
  const team = workerTeam(threads);
  try {
    await team.start();
    return team;
  } catch (error) {
    team.dispose();
    const why = (error instanceof Error ? error.message : String(error)).replace(FAILED, '');
    const hint = nodeBuiltin('node:os')
      ? ''
      : "; a page's content-security policy must allow worker-src blob:";
    return callingThread(`workers cannot be started (${why})${hint}`);
  }
}
