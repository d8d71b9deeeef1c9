/**
 * A strict reader of JSON text by position. JSON.parse will not do for safetensors headers: it keeps the last of
 * two equal keys in silence, takes 1.0 and 1e2 for whole numbers and rounds those beyond 2^53.
 */
import { FormatError } from '../errors.ts';

export interface JsonReader {
  /** The position of the next token, counted in characters. */
  readonly position: number;
  /** Takes a punctuation mark, or throws. */
  take(mark: string): void;
  /** Takes a mark if it comes next. */
  taken(mark: string): boolean;
  string(): string;
  /** A whole number of at least 0, without sign, fraction or exponent, at most 2^53 − 1. */
  integer(): number;
  /** Walks an object; `member` reads the value. Keys come once each. */
  object(member: (key: string) => void): void;
  /** Whole numbers in brackets. */
  integers(): number[];
  /** Nothing but blanks may follow. */
  end(): void;
  /** The error to throw: what, at the current position. */
  error(what: string): FormatError;
}

const unpairedSurrogate = /\p{Surrogate}/u;

/** A short form of a name for messages. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}...` : name);
}

/** @param where what messages begin with, e.g. `model.safetensors: header` */
export function jsonReader(text: string, where: string): JsonReader {
  let position = 0;
  const skipBlanks = (): void => {
    while (position < text.length && ' \t\n\r'.includes(text[position]!)) position++;
  };
  const error = (what: string): FormatError => new FormatError(`${where}, character ${position}: ${what}`);
  const found = (): string => (position < text.length ? quoted(text[position]!) : 'the end');

  const reader: JsonReader = {
    get position() {
      return position;
    },
    error,
    take(mark) {
      if (!reader.taken(mark)) throw error(`expected ${quoted(mark)}, got ${found()}`);
    },
    taken(mark) {
      skipBlanks();
      if (!text.startsWith(mark, position)) return false;
      position += mark.length;
      return true;
    },
    string() {
      reader.take('"');
      const start = position - 1;
      while (position < text.length && text[position] !== '"') position += text[position] === '\\' ? 2 : 1;
      position++;
      let value: unknown;
      try {
        value = JSON.parse(text.slice(start, position));
      } catch {
        position = start;
        throw error('malformed text');
      }
      if (unpairedSurrogate.test(value as string)) throw error('text with half a surrogate pair');
      return value as string;
    },
    integer() {
      skipBlanks();
      const digits = /(?:0|[1-9][0-9]*)(?![0-9.eE])/y;
      digits.lastIndex = position;
      const [match] = digits.exec(text) ?? [];
      if (match === undefined) throw error(`expected a whole number of at least 0, got ${found()}`);
      if (!Number.isSafeInteger(Number(match)))
        throw error(`${quoted(match)} is too large, expected less than 2^53`);
      position += match.length;
      return Number(match);
    },
    object(member) {
      reader.take('{');
      if (reader.taken('}')) return;
      const keys = new Set<string>();
      do {
        const key = reader.string();
        if (keys.has(key)) throw error(`${quoted(key)} appears twice`);
        keys.add(key);
        reader.take(':');
        member(key);
      } while (reader.taken(','));
      reader.take('}');
    },
    integers() {
      reader.take('[');
      const values: number[] = [];
      if (reader.taken(']')) return values;
      do values.push(reader.integer());
      while (reader.taken(','));
      reader.take(']');
      return values;
    },
    end() {
      skipBlanks();
      if (position < text.length) throw error(`expected nothing more, got ${found()}`);
    },
  };
  return reader;
}
