// Mutators that StrykerJS has not got and numerical code needs: another rounding, and whole numbers off by one.
// Stryker has no door for them; they are added to its own list, which is where `stryker.config.mjs` imports this for.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const core = createRequire(require.resolve('@stryker-mutator/core/package.json'));
const folder = dirname(core.resolve('@stryker-mutator/instrumenter/package.json'));
const { default: babel } = await import(
  pathToFileURL(createRequire(join(folder, 'package.json')).resolve('@babel/core')).href
);
const { types } = babel;

const roundings = new Map([
  ['floor', ['ceil', 'round']],
  ['ceil', ['floor', 'round']],
  ['round', ['floor', 'ceil']],
  ['trunc', ['floor', 'ceil']],
  ['fround', [null]],
  ['abs', [null]],
]);

/** `Math.floor(x)` rounds another way; `Math.fround(x)` and `Math.abs(x)` become `x`. */
const rounding = {
  name: 'Rounding',
  *mutate(path) {
    if (!path.isCallExpression()) return;
    const { callee, arguments: given } = path.node;
    if (!types.isMemberExpression(callee) || !types.isIdentifier(callee.object, { name: 'Math' })) return;
    for (const other of roundings.get(callee.property.name) ?? []) {
      yield other === null
        ? types.cloneNode(given[0], true)
        : types.callExpression(
            types.memberExpression(types.identifier('Math'), types.identifier(other)),
            given.map((argument) => types.cloneNode(argument, true)),
          );
    }
  },
};

/** A number becomes one more, and 1 becomes 0. Not in types. */
const number = {
  name: 'Number',
  *mutate(path) {
    if (!path.isNumericLiteral() || path.findParent((parent) => parent.isTSType())) return;
    if (path.parentPath.isObjectProperty({ computed: false }) && path.key === 'key') return;
    // `const [N = 0, C = 0] = shape`: defaults that the compiler asks for and that are never taken.
    if (path.parentPath.isAssignmentPattern() && path.parentPath.parentPath.isArrayPattern()) return;
    const { value } = path.node;
    yield types.numericLiteral(value === 1 ? 0 : value + 1);
  },
};

export async function addMutators() {
  const { allMutators } = await import(pathToFileURL(join(folder, 'dist/src/mutators/mutate.js')).href);
  allMutators.push(rounding, number);
}
