/** `dff`: the detector and all that is needed around it, under one name. */
import {
  decodeImage,
  encodeJpeg,
  encodePng,
  framesFromBytes,
  framesFromImages,
  preprocess,
} from '../data/index.ts';
import { contactSheet } from './contact-sheet.ts';
import { createDetector } from './detector.ts';
import { draw } from './draw.ts';
import { every } from './key-frames.ts';
import { loadModel, officialModel } from './model.ts';
import { postprocess } from './postprocess.ts';

/**
 * @example
 * const model = await dff.loadModel(await openFile('dff.safetensors'));
 * const detector = dff.createDetector({ model, keyInterval: 10 });
 * for await (const result of detector.detect(frameFolder('clip'))) {
 *   console.log(result.source, result.detections);
 *   await writeImage(`${result.index}.png`, dff.draw(result));
 * }
 */
export const dff: {
  readonly loadModel: typeof loadModel;
  readonly officialModel: typeof officialModel;
  readonly createDetector: typeof createDetector;
  readonly every: typeof every;
  readonly decodeImage: typeof decodeImage;
  readonly framesFromImages: typeof framesFromImages;
  readonly framesFromBytes: typeof framesFromBytes;
  readonly preprocess: typeof preprocess;
  readonly postprocess: typeof postprocess;
  readonly draw: typeof draw;
  readonly contactSheet: typeof contactSheet;
  readonly encodePng: typeof encodePng;
  readonly encodeJpeg: typeof encodeJpeg;
} = {
  loadModel,
  officialModel,
  createDetector,
  every,
  decodeImage,
  framesFromImages,
  framesFromBytes,
  preprocess,
  postprocess,
  draw,
  contactSheet,
  encodePng,
  encodeJpeg,
};
