/** Texts that parsers stumble over: numbers at the edges, names of the prototype, deep nesting, odd characters. */

interface HostileText {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const nested = (open: string, close: string, depth: number): string =>
  open.repeat(depth) + close.repeat(depth);

/** JSON values, which are also what may stand inside them; some no JSON at all. */
const literals: readonly string[] = [
  ...['0', '-0', '-1', '1', '0.5', '1.0', '1e2', '01', '1e308', '1e999', '-1e999', '64', '1024', '49'],
  ...['4294967295', '4294967296', '9007199254740991', '9007199254740993', '18446744073709551616', '1e-300'],
  ...[
    'null',
    'true',
    'false',
    'NaN',
    'undefined',
    '[]',
    '{}',
    '[[]]',
    '[0]',
    '[0,0]',
    '[0,0,0]',
    '[-1]',
    '""',
  ],
  ...[
    '"__proto__"',
    '"constructor"',
    '"toString"',
    '"hasOwnProperty"',
    '"0"',
    '"-1"',
    '"null"',
    '"F32"',
    '"I64"',
  ],
  ...[
    '"(1, 1)"',
    '"(0, 0)"',
    '"(1e999,)"',
    '"(None, None)"',
    '"[0.5, 1]"',
    '"nan"',
    '"-5"',
    '"1e308"',
    '"None"',
  ],
  ...[
    '"Convolution"',
    '"Custom"',
    '"BatchNorm"',
    '"conv1"',
    '"rfcn_cls"',
    '"__metadata__"',
    '{"a":1}',
    ',',
    ':',
    '"',
  ],
  ...[
    '"\\ud800"',
    '"\\u0000\\n\\u001b[2J\\u2028"',
    '"\u{1f600}"',
    '"\\',
    '/*',
    '\\u0022',
    '[0,9007199254740991]',
  ],
  ...['{"__proto__":{"a":1}}', '{"__proto__":"1","constructor":"2"}'],
];

const large: readonly HostileText[] = [
  text('a number of 400 digits', '9'.repeat(400)),
  text('text of 70,000 letters', `"${'a'.repeat(70_000)}"`),
  text('text of 3000 line breaks', `"${'\\n'.repeat(3000)}"`),
  text('lists nested 20,000 deep', nested('[', ']', 20_000)),
  text('objects nested 20,000 deep', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`),
  text('tuples nested 3000 deep, as text', `"${nested('(', ')', 3000)}"`),
  text('a list of 20,000 zeros', `[${Array(20_000).fill(0).join()}]`),
  text('a tuple of 3000 numbers, as text', `"(${Array(3000).fill(1).join()})"`),
];

function text(name: string, value: string): HostileText {
  return { name, bytes: new TextEncoder().encode(value) };
}

export const hostileTexts: readonly HostileText[] = [
  ...literals.map((literal) => text(literal, literal)),
  ...large,
];
