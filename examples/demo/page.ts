/** The page: everything in one file, nothing loaded from elsewhere. */
import type { Tensor } from '../../src/tensor/index.ts';
import { lineChart } from './chart.ts';
import { costSection } from './cost.ts';
import type { Measurement, Step } from './measure.ts';
import {
  dataUri,
  flowPicture,
  gradient,
  halved,
  heatMap,
  mostVaried,
  type View,
  wheelPicture,
} from './pictures.ts';
import { configuration } from './network.ts';
import { cells, clip } from './scene.ts';
import { style } from './style.ts';

/** The frame that is shown first. */
const FIRST_SHOWN = 5;
const PAPER = [251, 250, 246] as const;

/** What all pictures of one kind have in common, so that they can be compared. */
interface Shared {
  readonly view: View;
  /** Flow length with the full colour, in cells. */
  readonly longest: number;
  /** Error with the darkest colour. */
  readonly worst: number;
}

export async function page(measurement: Measurement): Promise<string> {
  const { frames, keyFeature, steps, cost } = measurement;
  const pictures = await Promise.all(frames.map((frame) => dataUri(halved(frame))));
  const lengths = steps.map(({ flow }) => longestVector(flow));
  const shared: Shared = { view: mostVaried(keyFeature), longest: Math.max(...lengths), worst: 2 };
  const keyMap = await featureUri(keyFeature, shared);
  const panels = await Promise.all(steps.map((step) => panel(step, pictures, keyMap, shared)));
  const picks = steps.map(
    ({ t }) =>
      `<input class="pick" type="radio" name="frame" id="t${t}" ${t === FIRST_SHOWN ? 'checked' : ''}>`,
  );
  const chosen = steps.map(
    ({ t }) =>
      `#t${t}:checked ~ .p${t} { display: block } #t${t}:checked ~ .strip label[for=t${t}] { background: var(--accent); color: #fff; border-color: var(--accent) }`,
  );
  const labels = steps.map(({ t }) => `<label for="t${t}">${t}</label>`);
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Deep Feature Flow</title>
<style>${style}${chosen.join('\n')}</style>
<main>
<h1>Deep Feature Flow</h1>
<p class="lead">Neighbouring frames of a video show nearly the same things, a little further on. So a deep network need not
look at every frame: its features are computed once, on a key frame, and carried along the motion to the frames that
follow. Estimating the motion costs a fraction of computing the features.</p>
<p class="soft">The clip below was made for this page, so its motion is known exactly. The network has the official layers
(ResNet-101, ${clip.width}×${clip.height} pixels, ${cells.width}×${cells.height} feature cells) with a sixteenth of the
channels and <b>random weights</b>: it was never trained and recognises nothing. Only the carrying is on show.</p>

<h2>One key frame, carried</h2>
<section>${picks.join('')}
<div class="strip"><span>Frames after the key frame</span>${labels.join('')}</div>
${panels.join('\n')}
</section>
${await legends(shared)}

<h2>How long does a key frame last?</h2>
<p>The error is the distance between the carried feature and the one computed from scratch, over the spread of the latter:
0 is a perfect copy, 1 is as bad as knowing only the average feature. What comes into view has no
past to be carried from, and this share grows with time; so a new key frame is due every few frames (10 in the paper). What
remains in sight comes from reading between cells, and from the surroundings that every cell sees too.</p>
${errorChart(steps)}

${costSection(cost)}

<h2>The flow of an untrained network</h2>
<p>In the real thing the flow is not given; FlowNet estimates it from the two images. The one in this demo has random weights,
so what it says is meaningless, and features carried along it arrive in the wrong places. (That its error falls below that of not moving anything is no merit: reading between
cells blurs, and a blurred feature is nearer to the average.)</p>
${await guessRow(steps[FIRST_SHOWN - 1]!, shared)}

<h2>With trained weights</h2>
<p>No trained weights are shipped. The authors’ checkpoint in MXNet’s format is read as it is:</p>
<pre>npm run build
npx dff convert rfcn_dff_flownet_vid-0000.params model.safetensors
npx dff detect frames/ --model model.safetensors --render drawn/</pre>
<p class="note">X. Zhu, Y. Xiong, J. Dai, L. Yuan, Y. Wei: Deep Feature Flow for Video Recognition. CVPR 2017.</p>
</main></html>
`;
}

function figure(src: string, caption: string, kind = ''): string {
  return `<figure><img class="${kind}" src="${src}" alt=""><figcaption>${caption}</figcaption></figure>`;
}

const featureUri = (feature: Tensor, { view }: Shared): Promise<string> =>
  dataUri(heatMap(view(feature), 'feature', [0, 1]));

const errorUri = (errors: ArrayLike<number>, { worst }: Shared): Promise<string> =>
  dataUri(heatMap(errors, 'error', [0, worst]));

/** All pictures of one frame. */
async function panel(
  step: Step,
  pictures: readonly string[],
  keyMap: string,
  shared: Shared,
): Promise<string> {
  const { t, flow, carried, scratch, errors, error, visibleShare } = step;
  const share = Math.round((1 - visibleShare) * 100);
  return `<div class="panel p${t}">
<div class="row three">
${figure(pictures[0]!, '<b>Key frame</b>')}
${figure(pictures[t]!, `<b>Current frame</b>, ${t} later`)}
${figure(await dataUri(flowPicture(flow, shared.longest)), '<b>True flow</b>: where each cell was in the key frame', 'cells')}
</div>
<div class="row four">
${figure(keyMap, '<b>Key feature</b>', 'cells')}
${figure(await featureUri(carried, shared), '<b>Key feature, carried</b> along the flow', 'cells')}
${figure(await featureUri(scratch, shared), '<b>From scratch</b> on the current frame', 'cells')}
${figure(
  await errorUri(errors, shared),
  `<b>Error ${error.carried.toFixed(2)}</b>, and ${error.visible.toFixed(2)} without the ${share} % of cells that were out of sight. Not moved: ${error.unmoved.toFixed(2)}`,
  'cells',
)}
</div></div>`;
}

async function legends({ longest, worst }: Shared): Promise<string> {
  const wheel = await dataUri(wheelPicture(108, PAPER));
  return `<div class="legend"><img src="${wheel}" alt="colour wheel">
<p><b>Flow</b>: the hue is the direction (red to the right, yellow-green down), the full colour ${longest.toFixed(1)} cells of 16 pixels.<br>
<b>Feature</b>: one number of the ${1024 / configuration.widthDivisor} per cell, along their most varied direction; low<i class="bar" style="background:${gradient('feature')}"></i>high.
<b>Error</b>: 0<i class="bar" style="background:${gradient('error')}"></i>${worst}</p></div>`;
}

function errorChart(steps: readonly Step[]): string {
  const values = (kind: keyof Step['error']): number[] => steps.map(({ error }) => error[kind]);
  return lineChart(
    [
      { name: 'key feature, not moved', colour: '#8a929a', values: values('unmoved') },
      { name: 'along an untrained flow', colour: '#c49a4a', values: values('guessed'), dashed: true },
      { name: 'along the true flow', colour: '#b23a48', values: values('carried') },
      { name: '… where it was in sight', colour: '#2c6e9b', values: values('visible') },
    ],
    'frames after the key frame',
    'error of the feature by distance from the key frame',
  );
}

async function guessRow(step: Step, shared: Shared): Promise<string> {
  const { t, flow, guess, error } = step;
  return `<div class="row three">
${figure(await dataUri(flowPicture(flow, shared.longest)), `<b>True flow</b>, ${t} frames after the key frame`, 'cells')}
${figure(await dataUri(flowPicture(guess, shared.longest)), '<b>Untrained FlowNet</b>, same colours', 'cells')}
<p class="soft">Error after carrying: <b>${error.guessed.toFixed(2)}</b> along the untrained flow,
${error.carried.toFixed(2)} along the true one, ${error.unmoved.toFixed(2)} without moving anything.</p></div>`;
}

/** Length of the longest vector of a flow (1, 2, h, w). */
function longestVector({ data }: Tensor): number {
  const count = data.length / 2;
  let longest = 0;
  for (let i = 0; i < count; i++) longest = Math.max(longest, Math.hypot(data[i]!, data[count + i]!));
  return longest;
}
