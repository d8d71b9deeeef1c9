/** `dff doctor`: what this machine offers, tried out and not only looked up. */
import { freemem, totalmem, availableParallelism, cpus } from 'node:os';
import { officialConfiguration, officialGraph } from '../../nets/index.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { checkBackend, checkGpuModes, checkImages, checkViews, type Finding } from '../checks.ts';
import { type Command, defineCommand } from '../command.ts';
import { columns, formatBytes } from '../table.ts';

interface Row extends Finding {
  readonly part: string;
  /** Whether `dff` needs it: then its absence is a failure. */
  readonly required: boolean;
}

export const doctorCommand: Command = defineCommand({
  name: 'doctor',
  summary: 'Try out what this machine offers: backends, image formats, memory.',
  details: [
    'Exits with 0 when everything that dff needs works. What only some programs need is marked optional.',
  ],
  positionals: [],
  options: { json: { kind: 'flag', description: 'Print the same as JSON.' } },
  examples: [
    { command: 'dff doctor', explanation: 'Look whether everything works' },
    { command: 'dff doctor --json > machine.json', explanation: 'Keep it, e.g. for a bug report' },
  ],
  async run({ json }, _, { print }) {
    const rows = await examine();
    const works = rows.every(({ ok, required }) => ok || !required);
    if (json) print(JSON.stringify({ works, version: packageJson.version, parts: rows }, null, 2));
    else {
      const table = rows.map(({ part, ok, required, detail }) => [part, statusOf(ok, required), detail]);
      for (const line of columns(table)) print(line);
      print('');
      print(works ? 'Everything that dff needs works.' : 'Something that dff needs does not work.');
    }
    return works ? 0 : 1;
  },
});

function statusOf(ok: boolean, required: boolean): string {
  if (ok) return 'ok';
  return required ? 'FAILED' : 'no, optional';
}

async function examine(): Promise<Row[]> {
  const rows: Row[] = [
    { part: 'Node', required: true, ...checkNode() },
    {
      part: 'cores',
      required: false,
      ok: true,
      detail: `${availableParallelism()}, ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    },
    { part: 'memory', required: false, ...(await checkMemory()) },
  ];
  rows.push({ part: 'backend reference', required: true, ...(await checkBackend('reference')) });
  rows.push({ part: 'backend wasm', required: false, ...(await checkBackend('wasm')) });
  for (const { part, ...finding } of await checkGpuModes()) rows.push({ part, required: false, ...finding });
  rows.push({ part: 'JPEG', required: true, ...(await checkImages('jpeg')) });
  rows.push({ part: 'PNG', required: true, ...(await checkImages('png')) });
  rows.push({ part: 'ndarray views', required: false, ...checkViews() });
  return rows;
}

function checkNode(): Finding {
  const wanted = /\d+\.\d+/.exec(packageJson.engines.node)![0];
  const [major, minor] = wanted.split('.').map(Number);
  const [hasMajor, hasMinor] = process.versions.node.split('.').map(Number);
  const ok = hasMajor! > major! || (hasMajor === major && hasMinor! >= minor!);
  const machine = `${process.version} on ${process.platform} ${process.arch}`;
  return { ok, detail: ok ? machine : `${machine}, expected at least ${wanted}` };
}

/** Room for the plans of both graphs on the backend wasm, which is more than the reference takes; 16:9 at the official size. */
async function checkMemory(): Promise<Finding> {
  const { listSteps } = await import('../../backends/wasm/index.ts');
  const size = { height: 562, width: 1000 };
  const plans = (memory: 'normal' | 'low'): number =>
    (['key', 'current'] as const).reduce((sum, kind) => {
      const graph = officialGraph(kind, officialConfiguration, size);
      const { constantBytes, arenaBytes } = listSteps(graph, { threads: availableParallelism(), memory });
      return sum + constantBytes + arenaBytes;
    }, 0);
  const [needed, least] = [plans('normal'), plans('low')];
  const free = availableMemory();
  const ok = free >= needed;
  const need = `the full-size model needs about ${formatBytes(needed)}, ${formatBytes(least)} with little memory`;
  const detail = `${formatBytes(free)} free of ${formatBytes(totalmem())}; ${need}`;
  return { ok, detail: ok ? detail : `${detail}; use a smaller --short-side and --long-side` };
}

/** What the process may still take: less than the machine's free memory inside a container. */
function availableMemory(): number {
  return Math.max(process.availableMemory(), 0) || freemem();
}
