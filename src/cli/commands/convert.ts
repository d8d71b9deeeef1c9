/** `dff convert`: a checkpoint of MXNet to safetensors. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type ConversionReport,
  convertCheckpoint,
  convertGeneric,
  describeNetwork,
  type CheckpointReport,
} from '../../../weights-converter/index.ts';
import { nodeSha256, openFile, writeAtomically } from '../../node/index.ts';
import type { ByteSink, ByteSource } from '../../tensor/index.ts';
import { type Command, defineCommand } from '../command.ts';
import { oneLine, UsageError } from '../failure.ts';
import { withInterrupts } from '../interrupt.ts';
import { refuseOverwriting } from '../same-file.ts';
import { columns, formatBytes } from '../table.ts';

const families = ['dff', 'frame'] as const;

/** What happened, as data. */
interface Conversion {
  readonly source: string;
  readonly target: string;
  readonly sourceBytes: number;
  readonly targetBytes: number;
  readonly seconds: number;
  readonly report: ConversionReport | CheckpointReport;
}

export const convertCommand: Command = defineCommand({
  name: 'convert',
  summary: 'Convert an MXNet checkpoint (.params) to safetensors.',
  details: [
    'The network is recognised from names and shapes, and every array is checked. The box layer for detection (the arrays with _test in their names) takes the plain names, as the official loader does; its form for training is kept with _train appended. The target appears only when it is complete.',
  ],
  positionals: [
    {
      name: 'CHECKPOINT.params',
      description: 'What to convert: MXNet parameters of any version, or safetensors.',
    },
    { name: 'MODEL.safetensors', description: 'Where to write.' },
  ],
  options: {
    network: {
      kind: 'text',
      placeholder: 'NAME',
      description:
        'What the checkpoint must be: dff (Deep Feature Flow) or frame (Frame R-FCN). Left out, it is recognised.',
    },
    generic: {
      kind: 'flag',
      description: 'Convert any parameter file as it is, without recognising or checking a network.',
    },
    json: { kind: 'flag', description: 'Print the report as JSON.' },
  },
  examples: [
    {
      command: 'dff convert rfcn_dff_flownet_vid-0000.params model.safetensors',
      explanation: 'The released Deep Feature Flow model',
    },
    {
      command: 'dff convert rfcn_vid-0000.params frame.safetensors --network frame',
      explanation: 'Its baseline, refusing anything else',
    },
    {
      command: 'dff convert resnet-50-0000.params resnet.safetensors --generic',
      explanation: 'Any other MXNet model',
    },
  ],
  async run({ network, generic, json }, [source = '', target = ''], { print, errors }) {
    const family = families.find((name) => name === network);
    if (network !== undefined && family === undefined) {
      throw new UsageError(`--network is ${network}, expected ${families.join(' or ')}`);
    }
    if (generic && family) throw new UsageError('--generic and --network exclude each other');
    if (resolve(source) === resolve(target)) {
      throw new UsageError(`${target}: is both source and target; give the target another name`);
    }
    await refuseOverwriting([target], [source]);
    const start = performance.now();
    const report = await convert(source, target, (from, to) =>
      generic
        ? convertGeneric(from, to, { hasher: nodeSha256() })
        : convertCheckpoint(from, to, { hasher: nodeSha256(), ...(family && { network: { family } }) }),
    );
    const [sourceBytes, targetBytes] = await Promise.all([fileSize(source), fileSize(target)]);
    const seconds = (performance.now() - start) / 1000;
    const done: Conversion = { source, target, sourceBytes, targetBytes, seconds, report };
    if (json) print(JSON.stringify(asData(done), null, 2));
    else for (const line of columns(asRows(done))) print(line);
    for (const warning of report.warnings) errors.write(`dff: ${oneLine(warning)}\n`);
    return 0;
  },
});

/** Reads and writes until done or interrupted; only a complete target appears. */
function convert<T>(
  source: string,
  target: string,
  work: (from: ByteSource, to: ByteSink) => Promise<T>,
): Promise<T> {
  return withInterrupts(async (signal) => {
    await using file = await openFile(source);
    const from: ByteSource = {
      size: file.size,
      name: file.name,
      read(offset, length) {
        signal.throwIfAborted();
        return file.read(offset, length);
      },
    };
    return await writeAtomically(target, (sink) => work(from, sink));
  });
}

async function fileSize(path: string): Promise<number> {
  return (await stat(path)).size;
}

function isCheckpoint(report: ConversionReport | CheckpointReport): report is CheckpointReport {
  return 'family' in report;
}

function asData({ report, ...rest }: Conversion): object {
  return { ...rest, ...report, ...(isCheckpoint(report) && { recognised: describeNetwork(report) }) };
}

function asRows(conversion: Conversion): (readonly string[])[] {
  const { source, target, sourceBytes, targetBytes, seconds, report } = conversion;
  const network = isCheckpoint(report)
    ? [
        ['network', describeNetwork(report)],
        ['box layer', boxLayer(report)],
      ]
    : [];
  return [
    ['source', `${source}, ${formatBytes(sourceBytes)}`],
    ['SHA-256', report.sourceSha256],
    ...network,
    ['arrays', `${report.tensors}, ${report.elements} numbers`],
    ['target', `${target}, ${formatBytes(targetBytes)}`],
    ['time', `${seconds.toFixed(2)} s`],
  ];
}

function boxLayer({ boxWeights }: CheckpointReport): string {
  return boxWeights === 'test'
    ? 'the arrays with _test took the plain names; those for training are kept with _train'
    : 'taken as it is, the checkpoint has no arrays with _test';
}
