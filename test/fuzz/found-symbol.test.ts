/** Found by fuzzing symbol files. */
import { expect, test } from 'vitest';
import { FormatError } from '../../src/tensor/index.ts';
import { parseSymbol } from '../../weights-converter/index.ts';

const withInput = (input: string): string =>
  `{"nodes":[{"op":"null","name":"a","inputs":[]},{"op":"X","name":"x","inputs":[${input}]}],"heads":[[1,0]]}`;

test('an input nested 100,000 lists deep is refused, though printing it would overflow the stack', () => {
  const text = withInput(`[${'['.repeat(1e5)}${']'.repeat(1e5)}]`);
  expect(() => parseSymbol(text)).toThrow(FormatError);
  expect(() => parseSymbol(text)).toThrow('node 1, input: a list and "0" is no pair of node and output');
});

test('minus zero is no reference to a node', () => {
  expect(() => parseSymbol(withInput('[-0, 0]'))).toThrow(FormatError);
  expect(parseSymbol(withInput('[0, 0]')).nodes[1]!.inputs).toEqual([{ node: 0, output: 0 }]);
});
