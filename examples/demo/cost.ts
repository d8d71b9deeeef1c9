/** What carrying saves, counted and measured. */
import type { Cost, Stages } from './measure.ts';

/** Frames from one key frame to the next, as in the paper. */
export const KEY_INTERVAL = 10;

const parts: readonly { readonly part: keyof Stages; readonly name: string; readonly colour: string }[] = [
  { part: 'features', name: 'feature network', colour: '#2c6e9b' },
  { part: 'flow', name: 'flow network', colour: '#b23a48' },
  { part: 'warp', name: 'warp and scale', colour: '#d9a441' },
  { part: 'task', name: 'detection heads', colour: '#8aa3a0' },
];

export const total = ({ features, flow, warp, task }: Stages): number => features + flow + warp + task;

/** Eq. 7: how much faster frames go by, when one in l is a key frame and another costs r of it. */
export function speedUp(l: number, r: number): number {
  return l / (1 + (l - 1) * r);
}

/** Eq. 5, warping left out as in the paper's count: a current frame over a key frame. */
export function costRatio({ features, flow, task }: Stages): number {
  return (flow + task) / (features + task);
}

/** Measured: seconds of l frames from scratch over seconds of a key frame and l − 1 others. */
export function measuredSpeedUp({ seconds: { key, current } }: Cost, l: number): number {
  return speedUp(l, total(current) / total(key));
}

const milliseconds = (seconds: number): string => (seconds === 0 ? '' : (1000 * seconds).toFixed(0));
const billions = (count: number): string => (count === 0 ? '' : (count / 1e9).toFixed(2));

export function costSection(cost: Cost): string {
  const { seconds, multiplyAdds } = cost;
  const rows = parts.map(
    ({ part, name }) =>
      `<tr><td>${name}</td><td>${milliseconds(seconds.key[part])}</td><td>${milliseconds(seconds.current[part])}</td>` +
      `<td>${billions(multiplyAdds.demo[part])}</td><td>${billions(multiplyAdds.official[part])}</td></tr>`,
  );
  const { demo, official } = multiplyAdds;
  const measured = measuredSpeedUp(cost, KEY_INTERVAL).toFixed(1);
  const counted = ({ features, flow }: Stages): string => speedUp(KEY_INTERVAL, flow / features).toFixed(2);
  return `<h2>What it saves</h2>
<p>A frame that is carried skips the feature network and runs the flow network instead. With r the cost of a carried frame over that
of a key frame and a key frame every l frames, frames go by s = l / (1 + (l − 1) · r) times as fast (Eq. 7).</p>
${stack('Key frame', seconds.key, total(seconds.key))}
${stack('Carried frame', seconds.current, total(seconds.key))}
<p class="note key">${parts.map(({ name, colour }) => `<i style="background:${colour}"></i>${name}`).join('')}</p>
<table><thead><tr><th></th><th>key frame here,<br>ms</th><th>carried frame here,<br>ms</th>
<th>this network,<br>10⁹ multiply-adds</th><th>official network at 600×1000,<br>10⁹ multiply-adds</th></tr></thead>
${rows.join('\n')}
<tr><td>1 / r, feature network over flow network (Eq. 6)</td><td></td><td></td><td>${ratio(demo)}</td><td>${ratio(official)}</td></tr>
<tr><td>s by Eq. 7 with this r, l = ${KEY_INTERVAL}</td><td></td><td></td><td>${counted(demo)}</td><td>${counted(official)}</td></tr>
<tr><td>s by Eq. 7 with the heads counted too (Eq. 5)</td><td></td><td></td><td>${full(demo)}</td><td>${full(official)}</td></tr>
<tr class="sum"><td>s measured here, l = ${KEY_INTERVAL}</td><td></td><td>${measured}</td><td></td><td></td></tr>
</table>
<p class="soft">The paper gives 1 / r = 12.71, from which s = 5.85, and measured 5.0. Here the heads weigh more than in the official
network, because the regions they vote on are as many as there, and the channels everywhere else are fewer.</p>`;
}

const ratio = ({ features, flow }: Stages): string => (features / flow).toFixed(2);
const full = (stages: Stages): string => speedUp(KEY_INTERVAL, costRatio(stages)).toFixed(2);

/** A bar as long as the frame takes, next to the longest. */
function stack(name: string, stages: Stages, longest: number): string {
  const pieces = parts.map(
    ({ part, colour }) => `<i style="width:${(100 * stages[part]) / longest}%;background:${colour}"></i>`,
  );
  const time = `${(1000 * total(stages)).toFixed(0)} ms`;
  return `<div class="note" style="margin-top:10px">${name}, ${time}</div><div class="stack">${pieces.join('')}</div>`;
}
