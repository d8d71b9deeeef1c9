import fc from 'fast-check';

/** Any characters, halves of pairs too. fast-check's own `binary` strings prepare a table of all, which takes seconds. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  return fc
    .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength })
    .map((codes) => String.fromCodePoint(...codes));
}
