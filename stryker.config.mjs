/**
 * `npm run mutate [-- --mutate FILES]`: changes the code in one place at a time and runs the fast tests that reach it.
 * A change that no test notices is listed, with its place, in `out/mutation/mutation.html`.
 */
import { resolve } from 'node:path';
import { addMutators } from './scripts/mutation/mutators.mjs';

await addMutators();

// The copies in which mutants run lie elsewhere, and each mutant gets a tenth of the random cases.
process.env.DFF_SHARED ??= resolve('../shared');
process.env.DFF_RUNS ??= '0.1';

export default {
  mutate: ['src/ops/**/*.ts', 'src/graph/**/*.ts', 'weights-converter/*.ts'],
  mutator: {
    // What is left changes a sign, an index, a bound, a rounding, a comparison or a constant. Left out: other words in
    // messages, and blocks, functions, lists and conditions emptied, which any test finds, or none that matters.
    excludedMutations: [
      'ArrayDeclaration',
      'ArrowFunction',
      'BlockStatement',
      'ConditionalExpression',
      'ObjectLiteral',
      'StringLiteral',
    ],
  },
  testRunner: 'in-process',
  plugins: ['./scripts/mutation/runner.mjs'],
  buildCommand: 'node scripts/mutation/bundle.mjs',
  coverageAnalysis: 'perTest',
  // Tables and defaults, evaluated once when a file is loaded: every test would have to run for each.
  ignoreStatic: true,
  concurrency: 2,
  timeoutMS: 3000,
  timeoutFactor: 1,
  // Stryker would rewrite the paths of tsconfig.json with a part of TypeScript that version 7 no longer has.
  tsconfigFile: 'none',
  disableTypeChecks: '{src,weights-converter}/**/*.ts',
  ignorePatterns: ['/bench', '/dist', '/docs', '/examples', '/out', '/.ci'],
  incrementalFile: 'out/mutation/incremental.json',
  tempDirName: 'out/mutation/sandbox',
  reporters: ['clear-text', 'html', 'json', 'progress-append-only'],
  clearTextReporter: { reportTests: false, allowColor: false },
  htmlReporter: { fileName: 'out/mutation/mutation.html' },
  jsonReporter: { fileName: 'out/mutation/mutation.json' },
};
