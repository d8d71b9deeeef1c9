/** Detections on stdout, one per line, for people and for tools that work on lines. */
import { oneLine } from '../failure.ts';
import type { Output } from './outputs.ts';

const columns = ['#frame', 'source', 'kind', 'class', 'score', 'x1', 'y1', 'x2', 'y2'];

/** Tab-separated: frame, source, key or current, class, score, x1, y1, x2, y2. Nothing before there is a result. */
export function textOutput(print: (line: string) => void): Output {
  return async (work) => {
    let begun = false;
    await work(async ({ index, source, isKey, detections }) => {
      if (!begun) print(columns.join('\t'));
      begun = true;
      for (const { name, score, box } of detections) {
        const numbers = box.map((side) => side.toFixed(2));
        const kind = isKey ? 'key' : 'current';
        print([index, oneLine(source), kind, name, score.toFixed(4), ...numbers].join('\t'));
      }
    });
  };
}
