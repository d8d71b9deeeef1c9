/** `dff inspect`: what a file is, judged by its content. */
import { type Command, defineCommand } from '../command.ts';
import { describe } from '../inspect/describe.ts';
import { inspectFile } from '../inspect/inspect-file.ts';

export const inspectCommand: Command = defineCommand({
  name: 'inspect',
  summary: 'Say what a file is: parameters, safetensors, a network graph or an image.',
  details: [
    'Recognised by content, whatever the name: MXNet parameters (.params), safetensors, MXNet symbols (.json), JPEG and PNG. Of parameters it tells whether they are a network of this family and complete; a graph is compared with the official one, node by node.',
  ],
  positionals: [{ name: 'FILE', description: 'The file to look at.' }],
  options: { json: { kind: 'flag', description: 'Print the same as JSON.' } },
  examples: [
    {
      command: 'dff inspect rfcn_dff_flownet_vid-0000.params',
      explanation: 'Which arrays a checkpoint holds, and which network it is for',
    },
    {
      command: 'dff inspect key-symbol.json',
      explanation: 'A graph as a table, and where it differs from ours',
    },
    {
      command: "dff inspect model.safetensors --json | jq '.network'",
      explanation: 'The same as data',
    },
  ],
  async run({ json }, [path = ''], { print }) {
    const inspection = await inspectFile(path);
    print(json ? JSON.stringify(inspection, null, 2) : describe(inspection).join('\n'));
    return 0;
  },
});
