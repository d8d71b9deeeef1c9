/**
 * Kernels of the broadcasting operators: axes of size 1 of either side repeat.
 *
 * The obvious kernel finds the numbers of both sides with the tables of `places.ts`. The fast one is that of elementwise
 * operators, with index 0 on the axes that repeat: four numbers with one fetch a side.
 */
import { fastElementwise } from './elementwise.ts';
import type { GpuOperator, NodeView } from './kernel.ts';
import { plainLayout } from './layout.ts';
import { oneStep, plainInput } from './plain-kernel.ts';
import { placeTables, repeated } from './places.ts';

/** The kernels of `lhs sign rhs`. */
export function broadcasting(name: string, sign: '+' | '-' | '*' | '/'): GpuOperator {
  return {
    obvious({ inputs, outputs }: NodeView) {
      const result = plainLayout(outputs[0]!);
      // Places have names: gpu.js does not translate reads within the index of a read twice in one statement.
      const places = [0, 1, 2, 3, 4, 5].map(
        (entry) =>
          `const p${entry} = byPlane[0][${entry}][this.thread.z] + byRow[0][${entry}][this.thread.y] + byColumn[0][${entry}][this.thread.x];`,
      );
      const source = `function ${name}(lhs, rhs, byPlane, byRow, byColumn) {
  ${places.join('\n  ')}
  return lhs[p0][p1][p2] ${sign} rhs[p3][p4][p5];
}`;
      const spec = { name, source, output: result.axes, gives: 'number', result } as const;
      const tables = placeTables(outputs[0]!, inputs.map(repeated));
      return oneStep(spec, [plainInput(0), plainInput(1), ...tables]);
    },
    fast: (node: NodeView) => fastElementwise(name, ['lhs', 'rhs'], `lhs ${sign} rhs`, node),
  };
}
