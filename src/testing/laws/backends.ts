/** Every other backend gives what the reference gives, within the tolerance table. */
import { type Backend, createBackend, toHost } from '../../backends/index.ts';
import { runOperator } from '../../ops/index.ts';
import { cast, UnsupportedBackendError, UnsupportedOpError } from '../../tensor/index.ts';
import type { OperatorCase, Subject } from '../operator-case.ts';
import { difference, tolerances } from '../tolerances.ts';
import { FEW, type Law, refuteAsync } from './law.ts';
import { feedsOf, traceCall } from './trace.ts';

/** A backend that is made when its law runs. */
interface Contender {
  readonly name: string;
  readonly make: () => Promise<Backend>;
}

/** Those that run everywhere. The modes that need a graphics card are held to the same in browsers. */
const own: readonly Contender[] = (['webasm', 'cpu'] as const).map((mode) => ({
  name: `gpu in mode ${mode}`,
  make: () => createBackend('gpu', { mode }),
}));

/** @param given backends of the caller, who disposes of them; default: those of this package */
export function backendLaws<A extends object>(subject: Subject<A>, given?: readonly Backend[]): Law[] {
  const contenders: readonly Contender[] =
    given?.map((backend) => ({ name: backend.name, make: async () => backend })) ?? own;
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
        return await refuteOn(backend, subject);
      } finally {
        if (!given) backend.dispose();
      }
    },
  }));
}

/** Returns the reason where the backend does not have the operator. */
async function refuteOn<A extends object>(
  backend: Backend,
  subject: Subject<A>,
): Promise<string | undefined> {
  let missing: string | undefined;
  await refuteAsync(subject.cases, FEW, async (one) => {
    if (missing !== undefined) return [];
    try {
      return await backendProblems(subject, one, backend);
    } catch (error) {
      if (!(error instanceof UnsupportedOpError)) throw error;
      missing = error.message;
      return [];
    }
  });
  return missing;
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
