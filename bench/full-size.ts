/**
 * The whole official network at full size on the reference backend, with random weights in memory: seconds and memory
 * of a key frame and of a frame that follows it. Run it with `npm run bench:full-size`.
 */
import { measureStages } from './stages.ts';

const size = { height: 562, width: 1000 };

const results = await measureStages({ ...size, widthDivisor: 1 });
for (const { graph, stages } of results) {
  const seconds = stages.reduce((sum, stage) => sum + stage.seconds, 0);
  const parts = stages.map((stage) => `${stage.stage} ${stage.seconds.toFixed(1)}`).join(', ');
  console.log(`${graph} frame at ${size.height}x${size.width}: ${seconds.toFixed(1)} s (${parts})`);
}
const { user, system } = process.cpuUsage();
console.log(`processor time of it all, weights included: ${((user + system) / 1e6).toFixed(1)} s`);
console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB, Node ${process.version}`);
