/** Natural order: names as people sort them, `frame9` before `frame10`. */

/**
 * Compares two names, runs of digits as whole numbers and everything else by code unit. Names that differ only in
 * leading zeros come shortest first, so the order is total and the same on every machine and in every language.
 *
 * @example names.toSorted(naturalOrder)
 */
export function naturalOrder(a: string, b: string): number {
  const [partsA, partsB] = [parts(a), parts(b)];
  for (let i = 0; i < Math.min(partsA.length, partsB.length); i++) {
    const order = comparePart(partsA[i]!, partsB[i]!);
    if (order !== 0) return order;
  }
  return partsA.length - partsB.length || a.length - b.length || plainOrder(a, b);
}

function parts(name: string): string[] {
  return name.match(/\d+|\D+/g) ?? [];
}

function comparePart(a: string, b: string): number {
  if (!isDigits(a) || !isDigits(b)) return plainOrder(a, b);
  const [numberA, numberB] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return numberA.length - numberB.length || plainOrder(numberA, numberB);
}

function isDigits(part: string): boolean {
  return /^\d/.test(part);
}

function plainOrder(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
