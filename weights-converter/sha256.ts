/**
 * SHA-256 piece by piece (FIPS 180-4), so that a model can be identified without being held in memory. Browsers offer
 * it only for whole arrays; where something faster is at hand, such as Node's, it can be passed instead.
 */

/** Something that digests bytes as they come. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** Hexadecimal, small letters. Call it once, at the end. */
  digest(): string;
}

/** The first 32 bits of the fraction of a number. */
function fractionBits(value: number): number {
  return ((value - Math.floor(value)) * 2 ** 32) | 0;
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

/** Square roots of the first 8 primes: the initial state. Cube roots of the first 64: a constant per round. */
const initialState: readonly number[] = primes(8).map((prime) => fractionBits(Math.sqrt(prime)));
const roundConstants: Int32Array = Int32Array.from(primes(64), (prime) => fractionBits(Math.cbrt(prime)));

const BLOCK = 64;

const rotate = (x: number, by: number): number => (x >>> by) | (x << (32 - by));

/** Works a block of 64 bytes into the state. `schedule` is scratch space of 64 words. */
function compress(state: Int32Array, schedule: Int32Array, view: DataView, offset: number): void {
  for (let t = 0; t < 16; t++) schedule[t] = view.getInt32(offset + 4 * t);
  for (let t = 16; t < 64; t++) {
    const x = schedule[t - 15]!;
    const y = schedule[t - 2]!;
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    schedule[t] = schedule[t - 16]! + s0 + schedule[t - 7]! + s1;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let t = 0; t < 64; t++) {
    const choice = (e & f) ^ (~e & g);
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = (h + sum1 + choice + roundConstants[t]! + schedule[t]!) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, k) => (state[k] = state[k]! + word));
}

/** A new SHA-256. @example const hasher = sha256(); hasher.update(bytes); hasher.digest() */
export function sha256(): Hasher {
  const state = Int32Array.from(initialState);
  const schedule = new Int32Array(64);
  const pending = new Uint8Array(BLOCK);
  const pendingView = new DataView(pending.buffer);
  let filled = 0;
  let length = 0;

  const update = (bytes: Uint8Array): void => {
    length += bytes.length;
    let position = 0;
    if (filled > 0) {
      position = Math.min(BLOCK - filled, bytes.length);
      pending.set(bytes.subarray(0, position), filled);
      filled += position;
      if (filled < BLOCK) return;
      compress(state, schedule, pendingView, 0);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (; position + BLOCK <= bytes.length; position += BLOCK) compress(state, schedule, view, position);
    pending.set(bytes.subarray(position));
    filled = bytes.length - position;
  };

  const digest = (): string => {
    const bits = BigInt(length) * 8n;
    const padding = new Uint8Array(((119 - (length % BLOCK)) % BLOCK) + 9); // 0x80, zeros, then the length in bits
    padding[0] = 0x80;
    new DataView(padding.buffer).setBigUint64(padding.length - 8, bits);
    update(padding);
    return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  };
  return { update, digest };
}
