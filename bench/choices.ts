/** Options of benchmarks that are lists of choices, or counts. */

/** The choices that a list names, in their own order; all of them where there is no list. @throws Error for a stranger */
export function chosen<Choice extends string>(
  name: string,
  list: string | undefined,
  choices: readonly Choice[],
): readonly Choice[] {
  if (list === undefined) return choices;
  const wanted = list.split(',').map((choice) => choice.trim());
  const stranger = wanted.find((choice) => !choices.some((known) => known === choice));
  if (stranger !== undefined) throw new Error(`${name} ${stranger}: there is ${choices.join(', ')}`);
  return choices.filter((choice) => wanted.includes(choice));
}

/** @throws Error for what is no whole number above 0 */
export function count(name: string, value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`${name} ${value}: expected a whole number above 0`);
}
