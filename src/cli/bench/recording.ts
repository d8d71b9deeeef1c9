/** A backend that remembers its plans, so that their reports can be read while a detector runs them. */
import type { Backend, Plan } from '../../backends/index.ts';
import type { Graph } from '../../graph/index.ts';

export interface Recorded {
  readonly graph: Graph;
  readonly plan: Plan;
}

export interface RecordingBackend extends Backend {
  /** In the order in which they were compiled. */
  readonly plans: readonly Recorded[];
}

export function recording(backend: Backend): RecordingBackend {
  const plans: Recorded[] = [];
  return {
    ...backend,
    plans,
    async compile(graph, parameters) {
      const plan = await backend.compile(graph, parameters);
      plans.push({ graph, plan });
      return plan;
    },
  };
}
