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
export { type Hasher, sha256 } from './sha256.ts';
export type { WeightUse } from './box-weights.ts';
export { checkNetwork, compareWithNetwork, type Mismatch, officialParameters } from './check.ts';
export { type Checkpoint, type CheckpointEntry, openCheckpoint } from './checkpoint.ts';
export {
  type CheckpointReport,
  type ConversionReport,
  convertCheckpoint,
  convertGeneric,
  type ConvertOptions,
  type NetworkHints,
} from './convert.ts';
export { type LoadedCheckpoint, loadCheckpoint, type LoadOptions } from './load.ts';
export { type ModelMetadata, parseMetadata } from './metadata.ts';
export {
  describeNetwork,
  type NetworkDescription,
  type NetworkFamily,
  recognise,
  type Shapes,
} from './recognise.ts';
export {
  compareSymbol,
  recogniseSymbol,
  type SymbolComparison,
  type SymbolDifference,
} from './compare-symbol.ts';
