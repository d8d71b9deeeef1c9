/**
 * `npm run goldens -- FOLDER… [--backend NAME] [--mode MODE] [--case NAME] [--frames FOLDER] [--misses]`
 *
 * Checks every case of folders laid out like `goldens/operators` or `goldens/networks/narrow` and prints a table; exit
 * code 1 on any miss. Which kind a folder is follows from its files.
 */
import { parseArgs } from 'node:util';
import { type GoldenBackend, openGoldenBackend, watch } from './backend.ts';
import { checkFolder } from './check-folder.ts';
import { table } from './rows.ts';

const usage =
  'usage: npm run goldens -- FOLDER… [--backend NAME] [--mode MODE] [--case NAME] [--frames FOLDER] [--misses]';

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      backend: { type: 'string', default: 'reference' },
      mode: { type: 'string' },
      frames: { type: 'string' },
      case: { type: 'string', multiple: true },
      misses: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || positionals.length === 0) {
    const text = [
      usage,
      '',
      '  --backend NAME   what runs networks and operators: reference (default, which checks everything else too), wasm or gpu',
      '  --mode MODE      how the backend gpu computes: webgl2 and webgpu in Chromium; webasm, cpu or best here',
      '  --frames FOLDER  the original video frames, 000000.JPEG and so on, to start from files instead of stored images',
      '  --case NAME      of a network only the cases of this name; may come several times',
      '  --misses         list only what misses',
    ];
    console.log(text.join('\n'));
    return values.help ? 0 : 2;
  }
  if (values.mode !== undefined && values.backend !== 'gpu') throw new Error('--mode is of --backend gpu');
  const given =
    values.backend === 'reference' ? undefined : await openGoldenBackend(values.backend, values.mode);
  try {
    return await checkAll(positionals, values, given);
  } finally {
    given?.backend.dispose();
    await given?.close();
  }
}

interface Choice {
  readonly frames?: string | undefined;
  readonly case?: readonly string[] | undefined;
  readonly misses: boolean;
}

async function checkAll(
  folders: readonly string[],
  { frames, case: cases, misses: missesOnly }: Choice,
  given: GoldenBackend | undefined,
): Promise<number> {
  if (given) console.log(`backend ${given.title}`);
  const watched = given && watch(given.backend);
  let [passed, missed] = [0, 0];
  for (const folder of folders) {
    const start = performance.now();
    const rows = await checkFolder(folder, { frames, cases, ...(watched && { backend: watched.backend }) });
    const misses = rows.filter(({ pass }) => !pass);
    console.log(`\n${folder}\n`);
    console.log(table(missesOnly ? misses : rows));
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`\n${rows.length} compared, ${misses.length} missed, ${seconds} s`);
    passed += rows.length - misses.length;
    missed += misses.length;
  }
  if (watched) {
    console.log(`\n${watched.onDevice()} nodes ran on the device`);
    for (const [what, count] of watched.hosted) console.log(`  not there: ${count} of ${what}`);
  }
  console.log(`\n${passed} passed, ${missed} missed`);
  return missed > 0 || passed === 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
