// The part of vitest that our tests use, without its workers: `test` and `describe` note tests down for `runner.mjs`,
// `expect` is vitest's own. A mutant then costs the milliseconds of its tests instead of a new worker.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const vitest = createRequire(createRequire(import.meta.url).resolve('vitest/package.json'));
const load = (name) => import(pathToFileURL(vitest.resolve(name)).href);
const matchers = await load('@vitest/expect');
const chai = await load('chai');

for (const plugin of [matchers.JestExtend, matchers.JestChaiExpect, matchers.JestAsymmetricMatchers]) {
  chai.use(plugin);
}
export const expect = (value, message) => chai.expect(value, message);
Object.assign(expect, chai.expect, globalThis[matchers.ASYMMETRIC_MATCHERS_OBJECT]);
matchers.setState({ assertionCalls: 0 }, expect);
globalThis[matchers.GLOBAL_EXPECT] = expect;

/** Every test noted down, in order: where it stands, what it is called, what it does. */
export const noted = [];
let around = { titles: [], skipped: false };

/** Thrown by `context.skip`. */
export class Skip extends Error {}

const context = {
  skip(reason) {
    throw new Skip(reason);
  },
};

const titleOf = (title, values, k) =>
  format(String(title), ...values)
    .replaceAll('%#', String(k))
    .split('\n')[0];

function note(title, body, skipped = false) {
  noted.push({ titles: [...around.titles, String(title)], body, skipped: skipped || around.skipped });
}

function within(title, body, skipped = false) {
  const before = around;
  around = { titles: [...before.titles, String(title)], skipped: skipped || before.skipped };
  body();
  around = before;
}

/** `test` and `describe` alike: with `skip`, `skipIf`, `runIf` and `each`; a timeout or options may stand before the end. */
function words(add) {
  const bodyOf = (rest) => rest.find((item) => typeof item === 'function');
  const word = (title, ...rest) => add(title, bodyOf(rest));
  word.skip = (title, ...rest) => add(title, bodyOf(rest), true);
  word.skipIf = (condition) => (condition ? word.skip : word);
  word.runIf = (condition) => (condition ? word : word.skip);
  word.each =
    (table) =>
    (title, ...rest) =>
      table.forEach((row, k) => {
        const values = Array.isArray(row) ? row : [row];
        add(titleOf(title, values, k), () => bodyOf(rest)(...values));
      });
  word.skip.each = () => () => undefined;
  return word;
}

export const test = words((title, body, skipped) => note(title, () => body(context), skipped));
export const describe = words(within);
