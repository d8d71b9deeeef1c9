/** `deep-feature-flow/graph`: networks as data, and what can be done with them. */
export * from './graph.ts';
export * from './parameters.ts';
export * from './trace.ts';
export * from './interpret.ts';
export type { OwnOperators } from './operator-lookup.ts';
export * from './statistics.ts';
export * from './diff-trace.ts';
export * from './differentiate.ts';
export * from './passes/remove-unused-inputs.ts';
export * from './passes/fold-batch-norm.ts';
