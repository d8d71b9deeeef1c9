/**
 * Python literals as MXNet writes them into symbol files: `(3, 3)`, `(2L,)`, `[0.5, 1]`, `1e-05`, `True`, `None`.
 * Tolerant: whatever is not a literal is text, since attributes also hold words (`max`) and JSON.
 */
import type { MxnetValue } from './mxnet-attributes.ts';

/** Deeper lists than this are text. */
const DEEPEST = 16;

/** Longer ones are text: some attributes hold whole pickled objects. */
const LONGEST = 10_000;

const number = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?L?/y;
const word = /True|False|None/y;
const quotedText = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/y;
const blanks = /[ \t\r\n]*/y;

const words: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };

/** Where a value ends, and what it is. */
interface Read {
  readonly value: MxnetValue;
  readonly end: number;
}

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

function skipBlanks(text: string, position: number): number {
  return position + matchAt(blanks, text, position)![0].length; // it matches nothing, too
}

function readValue(text: string, start: number, depth: number): Read | undefined {
  const position = skipBlanks(text, start);
  const close = text[position] === '(' ? ')' : text[position] === '[' ? ']' : undefined;
  if (close !== undefined)
    return depth < DEEPEST ? readList(text, position + 1, close, depth + 1) : undefined;
  const digits = matchAt(number, text, position)?.[0];
  if (digits !== undefined) {
    return { value: Number(digits.replace('L', '')), end: position + digits.length };
  }
  const name = matchAt(word, text, position)?.[0];
  if (name !== undefined) return { value: words[name]!, end: position + name.length };
  const string = matchAt(quotedText, text, position);
  if (string === null) return undefined;
  const value = (string[1] ?? string[2] ?? '').replaceAll(/\\(.)/g, '$1');
  return { value, end: position + string[0].length };
}

/** Values between commas; a comma may stand before the end, as in `(1,)`. One value in parentheses is a list too. */
function readList(text: string, start: number, close: string, depth: number): Read | undefined {
  const values: MxnetValue[] = [];
  let position = skipBlanks(text, start);
  while (text[position] !== close) {
    const item = readValue(text, position, depth);
    if (item === undefined) return undefined;
    values.push(item.value);
    position = skipBlanks(text, item.end);
    if (text[position] === ',') position = skipBlanks(text, position + 1);
    else if (text[position] !== close) return undefined;
  }
  return { value: values, end: position + 1 };
}

/**
 * The value that a text stands for; the text itself when it is no literal.
 *
 * @example pythonLiteral('(3, 3)') // [3, 3]
 * @example pythonLiteral('max') // 'max'
 */
export function pythonLiteral(text: string): MxnetValue {
  const read = text.length > LONGEST ? undefined : readValue(text, 0, 0);
  return read !== undefined && skipBlanks(text, read.end) === text.length ? read.value : text;
}
