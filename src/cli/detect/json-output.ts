/** Detections as JSON, written frame by frame: a video of any length takes no memory. */
import { writeAtomically } from '../../node/index.ts';
import type { FrameResult, Output } from './outputs.ts';

/**
 * `{ "model": ..., "settings": ..., "frames": [...] }`, a frame per line.
 *
 * @param head what stands before the frames
 */
export function jsonOutput(path: string, head: Readonly<Record<string, unknown>>): Output {
  return (work) =>
    writeAtomically(path, async (sink) => {
      const encoder = new TextEncoder();
      const write = (text: string): Promise<void> => sink.write(encoder.encode(text));
      const fields = Object.entries(head).map(
        ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
      );
      await write(`{\n${[...fields, '"frames": ['].join(',\n')}`);
      let separator = '\n';
      await work(async (result) => {
        await write(separator + JSON.stringify(frameData(result)));
        separator = ',\n';
      });
      await write('\n]\n}\n');
    });
}

/** What is written of a frame. Boxes are in pixels of the original frame, corners inclusive. */
export function frameData({ index, source, isKey, detections, milliseconds }: FrameResult): object {
  const found = detections.map(({ label, name, score, box }) => ({ label, name, score, box }));
  return { index, source, isKey, detections: found, milliseconds };
}
