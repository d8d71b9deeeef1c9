/** `deep-feature-flow/tensor`: numbers in memory. */
export * from './errors.ts';
export * from './shape.ts';
export * from './tensor.ts';
export * from './view.ts';
export * from './compare.ts';
export {
  blobSource,
  type ByteSink,
  type ByteSource,
  bytesSource,
  type MemorySink,
  memorySink,
  readChunks,
} from './byte-source.ts';
export { decodeElements, elementBits, type ElementType, encodeElements } from './elements.ts';
export * from './safetensors/index.ts';
