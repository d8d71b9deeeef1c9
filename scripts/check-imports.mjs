// Holds the order of the house: which folder may import which. Also: nothing of Node in the core, no cycles of folders.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

const engine = ['src/tensor', 'src/ops', 'src/graph'];
const belowDetector = [...engine, 'src/nets', 'src/backends', 'src/data', 'weights-converter'];

/** What each folder may import besides itself. */
const allowed = {
  'src/tensor': [],
  'src/ops': ['src/tensor'],
  'src/graph': ['src/tensor', 'src/ops'],
  'src/nets': engine,
  'src/backends': engine,
  'src/onnx': engine,
  'src/data': ['src/tensor'],
  'src/testing': [...engine, 'src/backends'], // which nothing but tests imports
  'weights-converter': [...engine, 'src/nets', 'src/data'],
  'src/dff': belowDetector,
  'src/node': [...belowDetector, 'src/dff'],
  'src/cli': [...belowDetector, 'src/onnx', 'src/dff', 'src/node'],
  src: [...belowDetector, 'src/dff'],
};

/** Folders that may use Node's own modules and globals; everything else runs in a browser. */
const nodeFolders = ['src/node', 'src/cli'];

const folders = Object.keys(allowed).sort((a, b) => b.length - a.length);
const folderOf = (file) => folders.find((folder) => file === folder || file.startsWith(`${folder}/`));

function* files(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* files(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

const problems = [];
let count = 0;
for (const file of [...files('src'), ...files('weights-converter')]) {
  count++;
  const text = readFileSync(join(root, file), 'utf8');
  const from = folderOf(file);
  const lines = text.split('\n').length - 1;
  if (lines > 300) problems.push(`${file} has ${lines} lines, at most 300 (aim at 200)`);
  for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
    if (target.startsWith('node:')) {
      if (!nodeFolders.includes(from))
        problems.push(`${file} imports ${target}; only ${nodeFolders.join(', ')} may`);
    } else if (target.startsWith('.')) {
      const path = relative(root, resolve(root, dirname(file), target)).replaceAll('\\', '/');
      if (path === 'package.json' && from === 'src/cli') continue; // for the version
      const to = folderOf(path);
      if (to !== from && !allowed[from].includes(to))
        problems.push(`${file} imports ${to}, which ${from} may not know`);
    }
  }
}
for (const problem of problems) console.error(problem);
console.log(`${count} files, ${problems.length} violations of the import order`);
process.exitCode = problems.length > 0 ? 1 : 0;
