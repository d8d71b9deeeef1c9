/** The safetensors file format. */
export type { SafetensorsHeader, StoredTensor } from './header.ts';
export { openSafetensors, readSafetensors, type SafetensorsFile } from './read.ts';
export {
  encodeSafetensors,
  type SafetensorsContent,
  type SafetensorsEntry,
  type SafetensorsMetadata,
  tensorContent,
  writeSafetensors,
} from './write.ts';
