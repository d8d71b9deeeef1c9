/** The places that formats are made of, found in intact files. */
import type { ParamsFile } from '../../weights-converter/index.ts';
import type { Span } from './mutations.ts';

/** Every value of a JSON text, every member and every key, and the inside of every text. */
export function jsonSpans(bytes: Uint8Array, from = 0, to: number = bytes.length): Span[] {
  const spans: Span[] = [];
  const open: number[] = [];
  for (let at = from; at < to;) {
    const start = at;
    const byte = String.fromCharCode(bytes[at]!);
    at++;
    if ('{['.includes(byte)) open.push(start);
    else if ('}]'.includes(byte)) spans.push({ start: open.pop() ?? from, end: at });
    else if (byte === '"') {
      while (at < to && bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1;
      at++;
      spans.push({ start, end: at }, { start: start + 1, end: at - 1 });
    } else if (!' \t\r\n,:'.includes(byte)) {
      while (at < to && !' \t\r\n,:]}'.includes(String.fromCharCode(bytes[at]!))) at++;
      spans.push({ start, end: at });
    }
  }
  return spans;
}

/** The length, what the header consists of, and the numbers of each tensor. */
export function safetensorsSpans(
  bytes: Uint8Array,
  blocks: Iterable<{ offset: number; byteLength: number }>,
): Span[] {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const data = [...blocks].map(({ offset, byteLength }) => ({ start: offset, end: offset + byteLength }));
  return [{ start: 0, end: 8 }, ...jsonSpans(bytes, 8, 8 + length), ...data];
}

/** The head of the file, what stands before each array, each array, the names. */
export function paramsSpans(bytes: Uint8Array, { entries }: ParamsFile): Span[] {
  const spans: Span[] = [0, 8, 16].map((start) => ({ start, end: start + 8 }));
  let at = 24;
  for (const { values, indices, storage } of entries) {
    if (storage === 'none') continue;
    const end = Math.max(values.offset + values.byteLength, ...indices.map((b) => b.offset + b.byteLength));
    spans.push({ start: at, end }, { start: at, end: values.offset });
    for (let field = at; field + 4 <= values.offset && field < at + 64; field += 4) {
      spans.push({ start: field, end: field + 4 });
    }
    for (const block of indices) spans.push({ start: block.offset, end: block.offset + block.byteLength });
    at = end;
  }
  spans.push({ start: at, end: at + 8 }, { start: at, end: bytes.length });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (at += 8; at + 8 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at, true);
    spans.push({ start: at, end }, { start: at, end: at + 8 }, { start: at + 8, end });
    at = end;
  }
  return spans;
}

/** Chunks, their lengths, types, data and checksums; the fields of the header. */
export function pngSpans(bytes: Uint8Array): Span[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const spans: Span[] = [{ start: 0, end: 8 }];
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + view.getUint32(at);
    const cuts = [at, at + 4, at + 8, end - 4, end];
    spans.push({ start: at, end });
    for (let k = 0; k + 1 < cuts.length; k++) spans.push({ start: cuts[k]!, end: cuts[k + 1]! });
    at = end;
  }
  for (const start of [16, 20, 24, 25, 26, 27, 28]) spans.push({ start, end: start + (start < 24 ? 4 : 1) });
  return spans;
}

/** Marker segments, the sizes in the frame header, scans, and pieces of their data. */
export function jpegSpans(bytes: Uint8Array): Span[] {
  const spans: Span[] = [{ start: 0, end: 2 }];
  let at = 2;
  while (at + 4 <= bytes.length) {
    const marker = bytes[at + 1]!;
    let end = at + 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
    spans.push({ start: at, end }, { start: at, end: at + 2 }, { start: at + 2, end: at + 4 });
    for (let start = at + 4; start < Math.min(end, at + 24); start++) spans.push({ start, end: start + 1 });
    if (marker === 0xda) {
      const data = end;
      while (end < bytes.length && !isMarker(bytes, end)) end++;
      spans.push({ start: at, end }, { start: data, end });
      for (let start = data; start < end; start += 512)
        spans.push({ start, end: Math.min(end, start + 512) });
    }
    at = end;
  }
  spans.push({ start: bytes.length - 2, end: bytes.length });
  return spans;
}

/** FF and what follows, except stuffing and restart markers. */
function isMarker(bytes: Uint8Array, at: number): boolean {
  const next = bytes[at + 1] ?? 0;
  return bytes[at] === 0xff && next !== 0 && !(next >= 0xd0 && next <= 0xd7);
}
