/** Model: a network with its weights, as much of it as the detector needs to know. */
import type { Graph, ParameterSource } from '../graph/index.ts';
import { imagenetVidNames } from '../data/index.ts';
import {
  type NetworkConfiguration,
  type NetworkKind,
  type NetworkSize,
  officialConfiguration,
  officialGraph,
} from '../nets/index.ts';
import { DffError } from '../tensor/errors.ts';

/** `dff`: features are carried from key frames. `frame`: every frame is computed by itself. */
export type NetworkFamily = 'dff' | 'frame';

export interface Model {
  readonly family: NetworkFamily;
  readonly parameters: ParameterSource;
  /** The graph of a kind for preprocessed images of one size. */
  readonly graph: (kind: NetworkKind, size: NetworkSize) => Graph;
  /** By label, the background first. */
  readonly classNames: readonly string[];
}

export interface OfficialModelOptions {
  /** Default the released Deep Feature Flow model. */
  readonly configuration?: NetworkConfiguration;
  /** Default `dff`. */
  readonly family?: NetworkFamily;
  /** Default ImageNet VID, or numbers when the network has another count of classes. */
  readonly classNames?: readonly string[];
}

/**
 * A model of the official architecture.
 *
 * @param parameters weights under their official names, ready for testing
 * @throws DffError when the number of class names is not that of the network's classes
 * @example officialModel(readSafetensors(bytes))
 */
export function officialModel(parameters: ParameterSource, options: OfficialModelOptions = {}): Model {
  const { configuration = officialConfiguration, family = 'dff' } = options;
  const { classes } = configuration;
  const classNames = options.classNames ?? defaultNames(classes);
  if (classNames.length !== classes) {
    throw new DffError(
      `model: the network has ${classes} classes, got ${classNames.length} names; the background counts as one`,
    );
  }
  return {
    family,
    parameters,
    graph: (kind, size) => officialGraph(kind, configuration, size),
    classNames,
  };
}

function defaultNames(classes: number): readonly string[] {
  if (classes === imagenetVidNames.length) return imagenetVidNames;
  return Array.from({ length: classes }, (_, label) => (label === 0 ? 'background' : `class ${label}`));
}
