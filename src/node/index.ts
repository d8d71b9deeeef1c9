/** `deep-feature-flow/node`: what needs a file system. */
export * from './frame-folder.ts';
export * from './write-image.ts';
