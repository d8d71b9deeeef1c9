/**
 * `npm run goldens -- FOLDER… [--backend NAME] [--frames FOLDER] [--misses]`
 *
 * Checks every case of folders laid out like `goldens/operators` or `goldens/networks/narrow` and prints a table; exit
 * code 1 on any miss. Which kind a folder is follows from its files.
 */
import { parseArgs } from 'node:util';
import { checkFolder } from './check-folder.ts';
import { table } from './rows.ts';

const usage = 'usage: npm run goldens -- FOLDER… [--backend NAME] [--frames FOLDER] [--misses]';

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      backend: { type: 'string', default: 'reference' },
      frames: { type: 'string' },
      misses: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || positionals.length === 0) {
    const text = [
      usage,
      '',
      '  --backend NAME   what runs the networks (default reference)',
      '  --frames FOLDER  the original video frames, 000000.JPEG and so on, to start from files instead of stored images',
      '  --misses         list only what misses',
    ];
    console.log(text.join('\n'));
    return values.help ? 0 : 2;
  }
  let [passed, missed] = [0, 0];
  for (const folder of positionals) {
    const start = performance.now();
    const rows = await checkFolder(folder, { backend: values.backend, frames: values.frames });
    const misses = rows.filter(({ pass }) => !pass);
    console.log(`\n${folder}\n`);
    console.log(table(values.misses ? misses : rows));
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`\n${rows.length} compared, ${misses.length} missed, ${seconds} s`);
    passed += rows.length - misses.length;
    missed += misses.length;
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
