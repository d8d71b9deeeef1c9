/**
 * Converts an MXNet checkpoint of Deep Feature Flow or Frame R-FCN to safetensors and looks at what came out.
 *
 *   node scripts/run.mjs examples/convert-checkpoint.ts CHECKPOINT.params MODEL.safetensors
 */
import { nodeSha256, openFile, writeAtomically } from 'deep-feature-flow/node';
import { openSafetensors } from 'deep-feature-flow/tensor';
import { convertCheckpoint, describeNetwork } from 'deep-feature-flow/weights-converter';

const [checkpoint = 'rfcn_dff_flownet_vid-0000.params', target = 'model.safetensors'] = process.argv.slice(2);

await using source = await openFile(checkpoint);
// The target appears under its name only when it is complete.
const report = await writeAtomically(target, (sink) =>
  convertCheckpoint(source, sink, { hasher: nodeSha256() }),
);
console.log(describeNetwork(report));
console.log(`${report.tensors} arrays, ${report.elements} numbers`);
for (const warning of report.warnings) console.log(`note: ${warning}`);

// One array is in memory at a time; opening reads the header only.
await using file = await openFile(target);
const model = await openSafetensors(file);
const { shape } = await model.read('conv1_weight');
console.log(`conv1_weight is ${shape.join('x')}`);
