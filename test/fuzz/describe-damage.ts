/** Damage in words, and as rows of bytes before and after. */
import { hostileTexts } from './hostile-texts.ts';
import { damaged, type Damage, type Edit, edited, type Sample } from './mutations.ts';

/** What was done, in words, and where the bytes changed. */
export function describeDamage(samples: readonly Sample[], damage: Damage): string {
  const { name, bytes, unpacked } = samples[damage.sample]!;
  const list = damage.edits.map((edit) => `  ${describeEdit(edit, samples[damage.sample]!, samples)}`);
  const mended = damage.mended ? [unpacked ? '  then packed' : '  then checksums and lengths mended'] : [];
  const after = unpacked ? edited(samples, damage) : damaged(samples, damage);
  return [`${name}:`, ...list, ...mended, ...hexDifference(bytes, after)].join('\n');
}

function describeEdit(edit: Edit, { spans }: Sample, samples: readonly Sample[]): string {
  const range = (k: number): string => `bytes ${spans[k]?.start ?? 0} to ${spans[k]?.end ?? 0}`;
  switch (edit.kind) {
    case 'flip':
      return `bit ${edit.bit} of byte ${edit.at} flipped`;
    case 'overwrite':
      return `byte ${edit.at} onwards overwritten with ${hex(edit.bytes)}`;
    case 'add':
      return `${edit.delta} added to byte ${edit.at}`;
    case 'cut':
      return `${edit.length} bytes taken out at ${edit.at}`;
    case 'truncate':
      return `cut off at byte ${edit.at}`;
    case 'insert':
      return `${hex(edit.bytes)} put in ${edit.times} times at byte ${edit.at}`;
    case 'replace':
      return `${range(edit.span)} replaced by ${hostileTexts[edit.text]!.name}`;
    case 'repeat':
      return `${range(edit.span)} repeated ${edit.times} times`;
    case 'remove':
      return `${range(edit.span)} removed`;
    case 'swap':
      return `${range(edit.span)} and ${range(edit.other)} exchanged`;
    case 'splice':
      return `from byte ${edit.at} on ${samples[edit.donor]!.name} from its byte ${edit.from}`;
  }
}

const hex = (bytes: Iterable<number>): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** Bytes of a row, and rows that are shown of each side. */
const [ROW, ROWS] = [16, 4];

/** The stretch in which two files differ, in rows: `-` intact, `+` damaged. */
export function hexDifference(intact: Uint8Array, damaged: Uint8Array): string[] {
  const shorter = Math.min(intact.length, damaged.length);
  let start = 0;
  while (start < shorter && intact[start] === damaged[start]) start++;
  let same = 0;
  while (same < shorter - start && intact.at(-1 - same) === damaged.at(-1 - same)) same++;
  const side = (sign: string, bytes: Uint8Array): string[] => {
    const stretch = bytes.subarray(start, bytes.length - same);
    const count = Math.ceil(stretch.length / ROW);
    const rows = Array.from({ length: Math.min(count, ROWS) }, (_, k) => {
      const row = stretch.subarray(k * ROW, (k + 1) * ROW);
      const text = [...row]
        .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
        .join('');
      return `${sign} ${(start + k * ROW).toString(16).padStart(8, '0')}  ${hex(row).padEnd(3 * ROW)} ${text}`;
    });
    return count > ROWS ? [...rows, `${sign} … ${stretch.length} bytes in all`] : rows;
  };
  if (start === intact.length && start === damaged.length) return ['the bytes are those of the intact file'];
  const lengths = `${intact.length} bytes before, ${damaged.length} after, the first ${start} and last ${same} are equal`;
  return [lengths, ...side('-', intact), ...side('+', damaged)];
}
