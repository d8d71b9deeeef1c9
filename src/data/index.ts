/** `deep-feature-flow/data`: images, preprocessing, frame sources, class lists. */
export * from './image.ts';
export * from './resize.ts';
export * from './preprocess.ts';
export { decodeImage, type DecodeOptions, imageFormat, type ImageFormat } from './decode.ts';
export { encodeJpeg, encodePng, type JpegOptions, rgba } from './encode.ts';
export * from './classes.ts';
export * from './natural-order.ts';
export * from './frame-source.ts';
