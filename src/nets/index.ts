/** `deep-feature-flow/nets`: the networks, with official names. */
export * from './configuration.ts';
export * from './flownet.ts';
export * from './heads.ts';
export * from './layers.ts';
export * from './names.ts';
export * from './official.ts';
export * from './partial.ts';
export * from './propagation.ts';
export * from './resnet.ts';
export * from './training.ts';
