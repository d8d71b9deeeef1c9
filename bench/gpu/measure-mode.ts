/** Everything that was asked for, in one mode, printed as it comes. */
import type { Mode, Outcome, Timing } from './api.ts';
import type { BenchPage } from './browser.ts';
import type { Options, Part } from './options.ts';
import { type Finding, layerTable, networkFinding, outcomeLine, singleFinding } from './report.ts';
import { describeLayer, type LayerResult, ratio } from './results.ts';
import { reductions, type Size, sizeFor } from './size.ts';
import { type LayerWork, layersOf, type NetworkPart, networks, reduced } from './work.ts';

export interface ModeResult {
  readonly mode: Mode;
  readonly adapter: string;
  readonly software: boolean;
  /** What was made smaller, in words. */
  readonly reductions: string;
  readonly contenders: Contenders;
  readonly layers: Record<string, readonly LayerResult[]>;
  readonly outcomes: Record<string, Outcome>;
  readonly findings: Finding[];
  readonly failures: string[];
}

interface Contenders {
  readonly ours: string;
  readonly tensorflow: string;
}

interface Session {
  readonly page: BenchPage;
  readonly mode: Mode;
  readonly options: Options;
  readonly size: Size;
  readonly timing: Timing;
  readonly result: ModeResult;
}

const titles: Readonly<Record<NetworkPart, string>> = {
  resnet: 'ResNet-101 convolutions',
  flownet: 'FlowNet convolutions and deconvolutions',
  heads: 'convolutions of the heads',
};

/** The official number of frames from one key frame to the next. */
const INTERVAL = 10;

export async function measureMode(page: BenchPage, mode: Mode, options: Options): Promise<ModeResult> {
  const { name: adapter, software } = page.adapter;
  const size = sizeFor(software, options);
  const contenders = await page.ask('contenders', mode);
  const result: ModeResult = {
    ...{ mode, adapter, software, reductions: reductions(size), contenders },
    ...{ layers: {}, outcomes: {}, findings: [], failures: [] },
  };
  const timing = { rounds: options.rounds, least: 100, patience: software ? 4000 : 60_000 };
  const session: Session = { page, mode, options, size, timing, result };

  const drawn = software ? 'the processor draws; a graphics card will differ' : 'a graphics card draws';
  console.log(`\n${mode}: ${adapter}, ${page.browser} (${drawn})`);
  console.log(`ours: ${contenders.ours}; peer: ${contenders.tensorflow}`);
  console.log(`made smaller: ${result.reductions}`);

  const wanted = (part: Part): boolean => options.only.includes(part);
  for (const part of networks.filter(wanted)) await measureNetwork(session, part);
  note(session, singleFinding(mode, Object.values(result.layers).flat()));
  if (wanted('obvious')) await measureObvious(session);
  if (wanted('warp')) await measureOne(session, 'warp', 'warp of 1024x38x63', contenders.tensorflow);
  if (wanted('psroi')) await measureOne(session, 'psroi', 'PSROI pooling of 300 regions', 'reference');
  if (wanted('detector')) await measureDetector(session);
  return result;
}

function note({ result }: Session, finding: Finding | undefined): void {
  if (finding) result.findings.push(finding);
}

async function measureNetwork(session: Session, part: NetworkPart): Promise<void> {
  const { mode, size, result } = session;
  const work = chosen(session, part).map((layer) => reduced(layer, size.budget));
  const results = await measureLayers(session, `${titles[part]} against tfjs`, work, 'tfjs');
  result.layers[part] = results;
  const aim = part === 'heads' ? undefined : part;
  note(session, networkFinding(`${titles[part]} against tfjs, weighted`, mode, aim, results));
}

async function measureObvious(session: Session): Promise<void> {
  const { mode, size, result } = session;
  const work = chosen(session, 'resnet').map((layer) => reduced(layer, size.obviousBudget));
  const title = `${titles.resnet} against our own obvious kernels`;
  const results = await measureLayers(session, title, work, 'obvious');
  result.layers['obvious'] = results;
  note(session, networkFinding('fast kernels against obvious ones, weighted', mode, 'obvious', results));
}

function chosen({ options }: Session, part: NetworkPart): LayerWork[] {
  return layersOf(part)
    .filter((layer) => `${layer.name} ${describeLayer(layer)}`.includes(options.filter))
    .slice(0, options.layers);
}

async function measureLayers(
  { page, mode, timing, result }: Session,
  title: string,
  work: readonly LayerWork[],
  peer: 'tfjs' | 'obvious',
): Promise<LayerResult[]> {
  const results: LayerResult[] = [];
  for (const [index, layer] of work.entries()) {
    progress(`${mode}, ${title}: ${index + 1} of ${work.length}, ${layer.name}`);
    const outcome = await page
      .ask('layer', mode, peer, layer, timing)
      .catch((error: unknown) => ({ failure: reason(error) }));
    if ('failure' in outcome) result.failures.push(`${mode}, ${layer.name}, ${peer}: ${outcome.failure}`);
    results.push({ layer, outcome });
  }
  progress('');
  if (results.length > 0) console.log(`\n${title}\n${layerTable(results, peer)}`);
  return results;
}

async function measureOne(
  { page, mode, timing, result }: Session,
  part: 'warp' | 'psroi',
  what: string,
  peer: string,
): Promise<void> {
  progress(`${mode}, ${what}`);
  try {
    const outcome = await page.ask(part, mode, timing);
    progress('');
    console.log(`\n${outcomeLine(what, peer, outcome)}`);
    result.outcomes[part] = outcome;
    result.findings.push({ what: `${what} against ${peer}`, mode, ratio: ratio(outcome), aim: part });
  } catch (error) {
    result.failures.push(`${mode}, ${what}: ${reason(error)}`);
  }
}

async function measureDetector({ page, mode, size, timing, result }: Session): Promise<void> {
  const what = 'detector with a quarter of the channels';
  progress(`${mode}, ${what}`);
  try {
    const { key, other, detections } = await page.ask('detector', mode, size.shortSide, timing);
    const sum = (side: 'ours' | 'peer'): number => key[side] + (INTERVAL - 1) * other[side];
    const interval = {
      ours: sum('ours'),
      peer: sum('peer'),
      difference: Math.max(key.difference, other.difference),
    };
    progress('');
    console.log(`\n${what}, from frame to detections, frames of ${size.shortSide} pixels`);
    console.log(outcomeLine('key frame', 'reference', key));
    console.log(outcomeLine('other frame', 'reference', other));
    console.log(outcomeLine(`${INTERVAL} frames, the first a key frame`, 'reference', interval));
    Object.assign(result.outcomes, { keyFrame: key, otherFrame: other, interval });
    const found = `${detections[0]} detections, the reference has ${detections[1]}`;
    const note = `the best mode counts; ${found}`;
    const about = { what: `${what} against reference`, mode, aim: 'detector', note } as const;
    result.findings.push({ ...about, ratio: ratio(interval) });
  } catch (error) {
    result.failures.push(`${mode}, ${what}: ${reason(error)}`);
  }
}

/** The first line of what went wrong, which may come with a whole shader. */
function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/^page\.evaluate: (Error: )?/, '')
    .split('\n')[0]!
    .slice(0, 200);
}

/** What is being done, on a line of its own that goes away. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text}\x1b[K`);
}
