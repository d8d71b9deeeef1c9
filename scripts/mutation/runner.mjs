// A test runner for StrykerJS: all tests are loaded once, and for each mutant those that reach it are called, those of
// the mutated file first, until one fails. Stryker's own runner for vitest starts a worker for each mutant, which
// takes a second; this one takes the milliseconds of the tests.
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  DryRunStatus,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Shared with the code under test: which mutant is on, which test runs, what was reached. */
const state = (globalThis.__stryker__ ??= {});

/**
 * Which tests reach which mutant. What was reached while files were loaded counts as static only where no test reaches
 * it: for static mutants Stryker would load everything anew.
 */
function coverage() {
  const { perTest = {}, static: loaded = {} } = state.mutantCoverage ?? {};
  const reached = new Set(Object.values(perTest).flatMap(Object.keys));
  return { perTest, static: Object.fromEntries(Object.entries(loaded).filter(([id]) => !reached.has(id))) };
}

class InProcessRunner {
  #tests = new Map();

  capabilities() {
    return { reloadEnvironment: false };
  }

  /** Loads the bundles; the tests that each of them notes down are its own. */
  async init() {
    // The same random cases for every mutant, and no search for the smallest that fails.
    fc.configureGlobal({ seed: 1, endOnFailure: true });
    const files = readdirSync('mutants/test', { recursive: true }).filter((file) => file.endsWith('.mjs'));
    const { noted, Skip } = await import(
      pathToFileURL(resolve('mutants/scripts/mutation/vitest-in-process.mjs')).href
    );
    this.Skip = Skip;
    for (const file of files.sort()) {
      noted.length = 0;
      await import(pathToFileURL(resolve('mutants/test', file)).href);
      noted.forEach(({ titles, body, skipped }, k) => {
        const name = [file, ...titles].join(' > ');
        this.#tests.set(`${name} #${k}`, { name, file, body, skipped });
      });
    }
  }

  async dryRun() {
    state.activeMutant = undefined;
    const tests = [];
    for (const id of this.#tests.keys()) {
      state.currentTestId = id;
      tests.push(await this.#run(id));
      state.currentTestId = undefined;
    }
    return { status: DryRunStatus.Complete, tests, mutantCoverage: coverage() };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, sandboxFileName, disableBail }) {
    const own = `/${basename(sandboxFileName, '.ts')}.test.mjs`;
    const order = (id) => (this.#tests.get(id).file.endsWith(own) ? 0 : 1);
    const ids = (testFilter ?? [...this.#tests.keys()]).filter((id) => this.#tests.has(id));
    // Stryker allows a hundred times the hits of all tests together; twice is endless enough, and found sooner.
    const limit = hitLimit === undefined ? undefined : Math.ceil(hitLimit / 50);
    Object.assign(state, { activeMutant: activeMutant.id, hitCount: 0, hitLimit: limit });
    const tests = [];
    for (const id of ids.sort((a, b) => order(a) - order(b))) {
      const result = await this.#run(id);
      tests.push(result);
      if (result.status === TestStatus.Failed && !disableBail) break;
    }
    state.activeMutant = undefined;
    const endless = determineHitLimitReached(state.hitCount, limit);
    return toMutantRunResult(endless ?? { status: DryRunStatus.Complete, tests });
  }

  async #run(id) {
    const { name, body, skipped } = this.#tests.get(id);
    const start = performance.now();
    const result = (status, failureMessage) => {
      const timeSpentMs = performance.now() - start;
      return { id, name, timeSpentMs, status, ...(failureMessage !== undefined && { failureMessage }) };
    };
    if (skipped) return result(TestStatus.Skipped);
    try {
      await body();
      return result(TestStatus.Success);
    } catch (error) {
      if (error instanceof this.Skip) return result(TestStatus.Skipped);
      return result(TestStatus.Failed, String(error?.message ?? error));
    }
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner)];
