/**
 * Attribute errors are thrown by the shape rule too: with any number in place of one of the attributes, it throws a
 * ShapeError, or what it accepts the kernel can compute.
 */
import fc from 'fast-check';
import { type OperatorCase, type Subject } from '../operator-case.ts';
import { randomIndex, randomNumbers } from '../random.ts';
import { type Law, refute } from './law.ts';
import { callProblems } from './shape-rule.ts';

/** Numbers that attributes are not meant to be, mostly. */
const odd = [-2, -1, 0, 0.5, 1, 2, 3, 1e9, NaN, Infinity, -Infinity];

export function attributeLaws<A extends object>(subject: Subject<A>, count: number): Law[] {
  const [sample] = fc.sample(subject.cases, { numRuns: 1, seed: 1 });
  if (numbersIn({ ...subject.operator.defaults, ...sample!.attributes }).length === 0) return [];
  return [
    {
      name: 'attributes',
      title: 'computes with any numbers for its attributes, or refuses them with a ShapeError',
      check: () =>
        refute(
          fc.tuple(subject.cases, fc.constantFrom(...odd), fc.integer()),
          count,
          ([given, value, seed]) => attributeProblems(subject, given, value, seed),
        ),
    },
  ];
}

function attributeProblems<A extends object>(
  subject: Subject<A>,
  { inputs, attributes }: OperatorCase<A>,
  value: number,
  seed: number,
): string[] {
  const next = randomNumbers(seed);
  const complete = { ...subject.operator.defaults, ...attributes };
  const places = numbersIn(complete);
  if (places.length === 0) return [];
  const changed = replaced(complete, places[randomIndex(places.length, next)]!, value);
  const shapes = inputs.map(({ shape }) => shape);
  const problems = callProblems(subject, shapes, changed, seed);
  return problems.map((problem) => `${problem}, with ${show(changed)}`);
}

/** Where an attribute is, or contains, a number: its name, and the index in a list. */
type Place = readonly [name: string, index: number | undefined];

function numbersIn(attributes: object): Place[] {
  return Object.entries<unknown>({ ...attributes }).flatMap(([name, value]): Place[] => {
    if (typeof value === 'number') return [[name, undefined]];
    if (!Array.isArray(value)) return [];
    return value.flatMap((item, index): Place[] => (typeof item === 'number' ? [[name, index]] : []));
  });
}

function replaced<A extends object>(attributes: A, [name, index]: Place, value: number): A {
  if (index === undefined) return { ...attributes, [name]: value };
  const list = attributes[name as keyof A] as readonly unknown[];
  return { ...attributes, [name]: list.with(index, value) };
}

/** JSON that shows NaN and infinities. */
function show(attributes: object): string {
  return JSON.stringify(attributes, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}
