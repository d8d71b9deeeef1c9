/** `deep-feature-flow/tensor`: numbers in memory. */
export * from './errors.ts';
export * from './shape.ts';
export * from './tensor.ts';
export * from './view.ts';
export * from './compare.ts';
