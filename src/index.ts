/**
 * `deep-feature-flow`: Deep Feature Flow for video recognition.
 *
 * Everything for using a detector is here. What lies below it has entry points of its own: `/data` (images), `/nets`,
 * `/graph`, `/ops`, `/tensor`, `/weights-converter`; files and folders are in `/node`.
 */
export { dff } from './dff/index.ts';
export type {
  Box,
  Detection,
  DetectionResult,
  DetectOptions,
  Detector,
  DetectorOptions,
  DrawOptions,
  Frames,
  FrameTimes,
  KeyFramePolicy,
  KeyFrameQuestion,
  LoadedModel,
  Model,
  PostprocessSettings,
} from './dff/index.ts';
export type { Frame, FrameSource, Image, PreprocessSettings } from './data/index.ts';
export type { Backend } from './backends/index.ts';
export type { NetworkConfiguration } from './nets/index.ts';
export type { Tensor } from './tensor/index.ts';
export {
  DffError,
  FormatError,
  FrameError,
  ParameterError,
  ShapeError,
  UnsupportedBackendError,
  UnsupportedOpError,
} from './tensor/index.ts';
