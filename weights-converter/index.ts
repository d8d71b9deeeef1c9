/** `deep-feature-flow/weights-converter`: MXNet files, and their way into safetensors. */
export { type ArrayForm, type ArrayRecord, type ArrayStorage, type StoredBlock } from './mxnet-array.ts';
export { openParams, type ParamsEntry, type ParamsFile } from './mxnet-params.ts';
export { encodeParams, type ParamsWriteForm, writeParams } from './mxnet-params-write.ts';
export {
  isVariable,
  type MxnetSymbol,
  parseSymbol,
  type SymbolNode,
  type SymbolRef,
} from './mxnet-symbol.ts';
export { pythonLiteral } from './python-literal.ts';
export type { MxnetAttributes, MxnetValue } from './mxnet-attributes.ts';
