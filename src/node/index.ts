/** `deep-feature-flow/node`: what needs a file system. */
export * from './files.ts';
export * from './frame-folder.ts';
export * from './hash.ts';
export * from './write-image.ts';
