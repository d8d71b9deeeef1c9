/**
 * Damage to files, as data: an edit is small enough to be printed, shrunk and applied again. Positions are drawn mostly
 * near the places that a format is made of (its spans: fields, sections, JSON values), since damage in the middle of
 * numbers tells nothing.
 */
import fc from 'fast-check';
import { hostileTexts } from './hostile-texts.ts';

/** Bytes that belong together: a field, a section, a JSON value. They may lie inside each other. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An intact file. */
export interface Sample {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly spans: readonly Span[];
  /** How often it is drawn, when its size does not tell what a case costs. */
  readonly weight?: number;
  /** Mends after damage what only guards against accidents (checksums, a total length), so that more is reached. */
  readonly mend?: (damaged: Uint8Array, intact: Uint8Array) => Uint8Array;
  /** `bytes` are no file yet: `mend` makes one of them, in every case. Default false. */
  readonly unpacked?: boolean;
}

export type Edit =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'overwrite'; readonly at: number; readonly bytes: readonly number[] }
  | { readonly kind: 'add'; readonly at: number; readonly delta: number }
  | { readonly kind: 'cut'; readonly at: number; readonly length: number }
  | { readonly kind: 'truncate'; readonly at: number }
  | {
      readonly kind: 'insert';
      readonly at: number;
      readonly bytes: readonly number[];
      readonly times: number;
    }
  | { readonly kind: 'replace'; readonly span: number; readonly text: number }
  | { readonly kind: 'repeat'; readonly span: number; readonly times: number }
  | { readonly kind: 'remove'; readonly span: number }
  | { readonly kind: 'swap'; readonly span: number; readonly other: number }
  | { readonly kind: 'splice'; readonly at: number; readonly donor: number; readonly from: number };

/** What is done to which sample. */
export interface Damage {
  readonly sample: number;
  readonly edits: readonly Edit[];
  readonly mended: boolean;
}

/** No edit makes a file longer than this, or than twice its length: bombs need one large number, not many bytes. */
const LONGEST = 1 << 19;

/** Lengths, counts and sizes at the edges of their types and of what floats hold exactly. */
const extremes: readonly bigint[] = [
  0n,
  1n,
  2n,
  0x7fn,
  0xffn,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 60n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

function field(value: bigint, width: number, bigEndian: boolean): number[] {
  const bytes = Array.from({ length: width }, (_, k) => Number((value >> BigInt(8 * k)) & 0xffn));
  return bigEndian ? bytes.toReversed() : bytes;
}

const fields: readonly (readonly number[])[] = extremes.flatMap((value) =>
  [1, 2, 4, 8]
    .filter((width) => value < 2n ** BigInt(8 * width))
    .flatMap((width) => (width === 1 ? [false] : [false, true]).map((big) => field(value, width, big))),
);

/** Edits of one sample among `samples`. */
function edits({ bytes, spans }: Sample, samples: readonly Sample[]): fc.Arbitrary<Edit> {
  const span = fc.nat(Math.max(0, spans.length - 1));
  const anywhere = fc.nat(Math.max(0, bytes.length - 1));
  const inSpan = fc.tuple(span, fc.nat(9)).map(([k, offset]) => (spans[k]?.start ?? 0) + offset);
  const at = spans.length === 0 ? anywhere : fc.oneof({ arbitrary: inSpan, weight: 3 }, anywhere);
  const make = (kind: Edit['kind'], rest: object): fc.Arbitrary<Edit> =>
    fc.record({ kind: fc.constant(kind), ...rest }) as unknown as fc.Arbitrary<Edit>;
  const times = fc.oneof(
    { arbitrary: fc.integer({ min: 2, max: 9 }), weight: 9 },
    fc.constantFrom(100, 3000),
  );
  const bySpan = [
    { weight: 4, arbitrary: make('replace', { span, text: fc.nat(hostileTexts.length - 1) }) },
    { weight: 2, arbitrary: make('repeat', { span, times }) },
    { weight: 2, arbitrary: make('remove', { span }) },
    { weight: 2, arbitrary: make('swap', { span, other: span }) },
  ];
  const small = fc.array(fc.nat(255), { minLength: 1, maxLength: 4 });
  return fc.oneof(
    { weight: 4, arbitrary: make('flip', { at, bit: fc.nat(7) }) },
    { weight: 6, arbitrary: make('overwrite', { at, bytes: fc.constantFrom(...fields) }) },
    { weight: 2, arbitrary: make('overwrite', { at, bytes: small }) },
    { weight: 3, arbitrary: make('add', { at, delta: fc.constantFrom(1, -1, 2, -2, 8, -8) }) },
    { weight: 1, arbitrary: make('cut', { at, length: fc.integer({ min: 1, max: 64 }) }) },
    { weight: 1, arbitrary: make('truncate', { at }) },
    { weight: 1, arbitrary: make('insert', { at, bytes: small, times }) },
    {
      weight: 1,
      arbitrary: make('splice', { at, donor: fc.nat(samples.length - 1), from: fc.nat(100_000) }),
    },
    ...(spans.length > 0 ? bySpan : []),
  );
}

/** Large ones are dear. */
function weightOf({ weight, bytes }: Sample): number {
  return weight ?? Math.max(1, Math.min(60, Math.round(400_000 / (bytes.length + 4000))));
}

/** Damage to any of the samples, small ones first; one edit is likeliest, since two rarely pass the first check. */
export function damages(samples: readonly Sample[]): fc.Arbitrary<Damage> {
  return fc.oneof(
    ...samples.map((sample, k) => ({
      weight: weightOf(sample),
      arbitrary: fc.record({
        sample: fc.constant(k),
        edits: fc.oneof(
          { weight: 5, arbitrary: fc.array(edits(sample, samples), { minLength: 1, maxLength: 1 }) },
          { weight: 4, arbitrary: fc.array(edits(sample, samples), { minLength: 1, maxLength: 4 }) },
        ),
        mended:
          sample.mend === undefined || sample.unpacked ? fc.constant(sample.unpacked === true) : fc.boolean(),
      }),
    })),
  );
}

/** The damaged file. */
export function damaged(samples: readonly Sample[], damage: Damage): Uint8Array {
  const sample = samples[damage.sample]!;
  const bytes = edited(samples, damage);
  return damage.mended && sample.mend ? sample.mend(bytes, sample.bytes) : bytes;
}

/** No damage to a sample: the file itself. */
export function intact({ unpacked = false }: Sample, sample: number): Damage {
  return { sample, edits: [], mended: unpacked };
}

/** The same before anything is mended or packed. */
export function edited(samples: readonly Sample[], { sample: index, edits }: Damage): Uint8Array {
  const sample = samples[index]!;
  let bytes = sample.bytes.slice();
  for (const edit of edits) bytes = apply(bytes, edit, sample, samples);
  return bytes;
}

function apply(
  bytes: Uint8Array,
  edit: Edit,
  sample: Sample,
  samples: readonly Sample[],
): Uint8Array<ArrayBuffer> {
  const most = Math.max(LONGEST, 2 * sample.bytes.length);
  const at = 'at' in edit ? Math.min(edit.at, bytes.length) : 0;
  const part = (index: number): Uint8Array => {
    const { start, end } = sample.spans[index] ?? { start: 0, end: 0 };
    return bytes.subarray(start, end);
  };
  const around = (index: number, middle: Uint8Array): Uint8Array<ArrayBuffer> => {
    const { start, end } = sample.spans[index] ?? { start: 0, end: 0 };
    return joined([bytes.subarray(0, start), middle, bytes.subarray(end)]);
  };
  switch (edit.kind) {
    case 'flip': {
      const out = bytes.slice();
      if (at < out.length) out[at]! ^= 1 << edit.bit;
      return out;
    }
    case 'overwrite': {
      const out = bytes.slice();
      out.set(edit.bytes.slice(0, out.length - at), at);
      return out;
    }
    case 'add': {
      const out = bytes.slice();
      if (at < out.length) out[at]! += edit.delta;
      return out;
    }
    case 'cut':
      return joined([bytes.subarray(0, at), bytes.subarray(at + edit.length)]);
    case 'truncate':
      return bytes.slice(0, at);
    case 'insert': {
      const filling = repeated(Uint8Array.from(edit.bytes), edit.times, most - bytes.length);
      return joined([bytes.subarray(0, at), filling, bytes.subarray(at)]);
    }
    case 'replace':
      return around(edit.span, hostileTexts[edit.text]!.bytes);
    case 'repeat':
      return around(edit.span, repeated(part(edit.span), edit.times, most - bytes.length));
    case 'remove':
      return around(edit.span, new Uint8Array(0));
    case 'swap': {
      const [a, b] = [sample.spans[edit.span], sample.spans[edit.other]].sort((a, b) => a!.start - b!.start);
      if (!a || !b || a.end > b.start) return bytes.slice(); // one lies inside the other
      const pieces = [
        [0, a.start],
        [b.start, b.end],
        [a.end, b.start],
        [a.start, a.end],
        [b.end, bytes.length],
      ];
      return joined(pieces.map(([from, to]) => bytes.subarray(from, to)));
    }
    case 'splice': {
      const donor = samples[edit.donor]!.bytes;
      return joined([
        bytes.subarray(0, at),
        donor.subarray(edit.from % (donor.length + 1)).subarray(0, most),
      ]);
    }
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let to = 0;
  for (const part of parts) {
    out.set(part, to);
    to += part.length;
  }
  return out;
}

/** Whole repetitions, at least one, of at most `most` bytes beyond it. */
function repeated(part: Uint8Array, times: number, most: number): Uint8Array {
  const affordable = part.length === 0 ? 1 : Math.min(times, 1 + Math.floor(Math.max(0, most) / part.length));
  return joined(Array.from({ length: affordable }, () => part));
}
