/** Every other backend gives what the reference gives, within the tolerance table. */
import { type Backend, backendNames, createBackend, toHost } from '../../backends/index.ts';
import { runOperator } from '../../ops/index.ts';
import { cast, UnsupportedBackendError } from '../../tensor/index.ts';
import type { OperatorCase, Subject } from '../operator-case.ts';
import { difference, tolerances } from '../tolerances.ts';
import { FEW, type Law, refuteAsync } from './law.ts';
import { feedsOf, traceCall } from './trace.ts';

/** A backend that is made when its law runs. */
interface Contender {
  readonly name: string;
  readonly make: () => Promise<Backend>;
}

/** @param given backends of the caller, who disposes of them; default: those of this package */
export function backendLaws<A extends object>(subject: Subject<A>, given?: readonly Backend[]): Law[] {
  const own = (): Contender[] =>
    backendNames
      .filter((name) => name !== 'reference')
      .map((name) => ({ name, make: () => createBackend(name) }));
  const contenders: Contender[] =
    given?.map((backend) => ({ name: backend.name, make: async () => backend })) ?? own();
  return contenders.map(({ name, make }) => ({
    name: 'backends',
    title: `gives on backend ${name} what it gives on the reference`,
    async check() {
      let backend: Backend;
      try {
        backend = await make();
      } catch (error) {
        if (error instanceof UnsupportedBackendError) return error.message;
        throw error;
      }
      try {
        await refuteAsync(subject.cases, FEW, (one) => backendProblems(subject, one, backend));
      } finally {
        if (!given) backend.dispose();
      }
      return undefined;
    },
  }));
}

async function backendProblems<A extends object>(
  { operator }: Subject<A>,
  { inputs, attributes }: OperatorCase<A>,
  backend: Backend,
): Promise<string[]> {
  const typed = inputs.map((input) => cast(input, 'float32'));
  const expected = runOperator(operator, typed, attributes);
  const plan = await backend.compile(traceCall(operator, typed, attributes), new Map());
  try {
    const results = await plan.run(feedsOf(typed));
    const outputs = await Promise.all(expected.map((_, k) => toHost(results[`out${k}`]!)));
    return outputs.flatMap((output, k) =>
      difference(
        `${operator.name} on ${backend.name}`,
        output,
        expected[k]!,
        'the reference',
        tolerances.backend,
      ),
    );
  } finally {
    plan.dispose();
  }
}
