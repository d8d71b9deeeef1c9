/** `deep-feature-flow/dff`: from frames to detections, and from detections to pictures. */
export { dff } from './dff.ts';
export { createDetector, type Detector, type DetectorOptions } from './detector.ts';
export type { FrameSize, WarmUpOptions, WarmUpProgress } from './warm-up.ts';
export type { DetectOptions } from './frame-run.ts';
export type { DetectionResult, Frames, FrameTimes } from './results.ts';
export { every, type KeyFramePolicy, type KeyFrameQuestion, type KeyState } from './key-frames.ts';
export {
  type LoadedModel,
  loadModel,
  type Model,
  officialModel,
  type OfficialModelOptions,
} from './model.ts';
export {
  type Box,
  type Detection,
  type NetworkOutput,
  postprocess,
  type PostprocessChoice,
  postprocessPresets,
  type PostprocessSettings,
} from './postprocess.ts';
export { draw, type Drawable, type DrawOptions } from './draw.ts';
export { contactSheet, type ContactSheetOptions } from './contact-sheet.ts';
export { colourOf, okabeIto } from './colours.ts';
export { type Colour, drawText, fillRectangle, type Rectangle, strokeRectangle, textSize } from './paint.ts';
