/**
 * The built package in Chromium: what it detects there is what it detects in Node. `npm test` builds it first.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as Data from '../../src/data/index.ts';
import { type PageServer, servePage } from '../../scripts/browser/server.ts';
import { hasShared, shared } from '../shared.ts';
import { type Bundle, bundlePage } from './bundle.ts';
import { hasChromium, launch } from './chromium.ts';
import { clipFrame, detectClip, type Found, type Library } from './detect-clip.ts';

/** A module of the build, which the compiler cannot see before it is built. */
const built = async (name: string): Promise<unknown> =>
  import(pathToFileURL(resolve(import.meta.dirname, `../../dist/${name}.js`)).href);

const decoderWasm = createRequire(import.meta.url).resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm');

describe.skipIf(!hasShared || !hasChromium)('in a browser', () => {
  const checkpoint = hasShared
    ? readFileSync(shared('goldens/networks/narrow/narrow-0000.params'))
    : new Uint8Array();
  let browser: Browser;
  let server: PageServer;
  let bundle: Bundle;
  let data: typeof Data;
  let jpeg: Uint8Array;
  let inNode: Found;

  beforeAll(async () => {
    bundle = await bundlePage();
    data = (await built('data')) as typeof Data;
    jpeg = await data.encodeJpeg(clipFrame(0));
    server = await servePage({
      '/page.js': { type: 'text/javascript', body: bundle.code },
      '/checkpoint': { type: 'application/octet-stream', body: checkpoint },
      '/jpeg': { type: 'image/jpeg', body: jpeg },
      '/mozjpeg_dec.wasm': { type: 'application/wasm', body: readFileSync(decoderWasm) },
    });
    browser = await launch();
    const library = {
      main: await built('index'),
      tensor: await built('tensor'),
      converter: await built('weights-converter'),
    } as Library;
    inNode = await detectClip(library, checkpoint);
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** Opens a page, waits for its answer and expects no complaint on the way. */
  async function ask(path: string, except?: RegExp): Promise<unknown> {
    const page = await browser.newPage();
    const complaints: string[] = [];
    const failed = new Promise<never>((_, reject) => {
      page.on('pageerror', (error) => reject(new Error(`page: ${error.stack ?? error.message}`)));
      page.on('crash', () => reject(new Error('the page crashed')));
    });
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      if (!except?.test(message.text())) complaints.push(message.text());
    });
    const answer = server.answer();
    await page.goto(server.address + path);
    const answered = await Promise.race([answer, failed]);
    await page.close();
    expect(complaints).toEqual([]);
    if ('error' in answered) throw new Error(`page: ${answered.error}`);
    return answered.result;
  }

  /** The largest differences that two correct runs may have: engines may differ in the last digit of exp. */
  const tolerance = { score: 1e-6, box: 1e-4 };

  /** What differs, in words. */
  function differences(got: Found, expected: Found): string[] {
    const found: string[] = [];
    const check = (what: string, same: boolean): void => void (same || found.push(what));
    check('arrays', got.arrays === expected.arrays);
    check('frames', got.frames.length === expected.frames.length);
    expected.frames.forEach(({ isKey, detections }, t) => {
      const frame = got.frames[t];
      check(`frame ${t}: key`, frame?.isKey === isKey);
      check(`frame ${t}: number of detections`, frame?.detections.length === detections.length);
      detections.forEach(({ label, score, box }, i) => {
        const other = frame?.detections[i];
        const near = (a: number | undefined, b: number, most: number): boolean => Math.abs(a! - b) <= most;
        check(`frame ${t}, detection ${i}: label`, other?.label === label);
        check(`frame ${t}, detection ${i}: score`, near(other?.score, score, tolerance.score));
        check(
          `frame ${t}, detection ${i}: box`,
          box.every((side, k) => near(other?.box[k], side, tolerance.box)),
        );
      });
    });
    return found;
  }

  /**
   * The share of detections that another run found too. Which regions are looked at hangs on comparisons of scores, so
   * that single weak detections may differ where numbers do in the last digits.
   */
  function likeness(got: Found, expected: Found): number {
    const found = expected.frames.flatMap(({ detections }, t) =>
      detections.map((one) =>
        got.frames[t]!.detections.some(
          ({ label, score, box }) =>
            label === one.label &&
            Math.abs(score - one.score) < 1e-3 &&
            box.every((side, k) => Math.abs(side - one.box[k]!) < 0.1),
        ),
      ),
    );
    return found.filter(Boolean).length / found.length;
  }

  test('the bundle needs no module of Node and nothing at run time but itself', () => {
    expect(bundle.imports).toEqual([]);
    expect(
      bundle.inputs.filter((input) => input.startsWith('node:') || input.includes('(disabled)')),
    ).toEqual([]);
    expect(bundle.inputs.some((input) => input.startsWith('dist/'))).toBe(true);
  });

  test('the clip has something to detect, in key frames and in others', () => {
    expect(inNode.frames.map(({ isKey }) => isKey)).toEqual([true, false, true]);
    for (const { detections } of inNode.frames) expect(detections.length).toBeGreaterThan(10);
  });

  test('a checkpoint is converted and a clip detected in as in Node', async () => {
    expect(differences((await ask('/?task=detect')) as Found, inNode)).toEqual([]);
  });

  test('the same is detected on the backend gpu in the best mode, which is a graphics card', async () => {
    const found = (await ask('/?task=gpu', /GPU stall due to ReadPixels/)) as Found;
    expect(found.arrays).toBe(inNode.arrays);
    expect(found.frames.map(({ isKey }) => isKey)).toEqual([true, false, true]);
    expect(likeness(found, inNode)).toBeGreaterThan(0.95);
  });

  test('the same is detected on the backend wasm', async () => {
    const found = (await ask('/?task=wasm')) as Found;
    expect(found.frames.map(({ isKey }) => isKey)).toEqual([true, false, true]);
    expect(likeness(found, inNode)).toBeGreaterThan(0.95);
  });

  test('the same works under a policy that forbids evaluating code', async () => {
    expect(differences((await ask('/strict?task=detect')) as Found, inNode)).toEqual([]);
  });

  test('a JPEG is decoded to the same samples as in Node', async () => {
    const expected = await data.decodeImage(jpeg);
    expect(await ask('/?task=decode')).toEqual({ ...expected, data: [...expected.data] });
  });
});
