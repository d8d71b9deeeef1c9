/** What looking at a file finds out, as data: what `dff inspect --json` prints. */
import type { Mismatch, NetworkDescription, SymbolDifference } from '../../../weights-converter/index.ts';
import type { ImageFormat } from '../../data/index.ts';
import type { ElementType } from '../../tensor/index.ts';

export interface InspectedArray {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** dense, row_sparse, csr or none; safetensors know only dense arrays. */
  readonly storage: string;
}

/** Which network of this family the arrays are for. */
export type InspectedNetwork =
  InspectedOfficialNetwork | { readonly recognised: false; readonly reason: string };

interface InspectedOfficialNetwork extends NetworkDescription, Mismatch {
  readonly recognised: true;
  /** In words. */
  readonly name: string;
  /** Whether nothing is missing, unexpected or of another shape. */
  readonly complete: boolean;
}

export interface InspectedArrays {
  readonly arrays: readonly InspectedArray[];
  readonly elements: number;
  /** Of the numbers alone, written out. */
  readonly dataBytes: number;
  readonly network: InspectedNetwork;
}

export interface InspectedParams extends InspectedArrays {
  readonly kind: 'params';
  /** Forms of the arrays; a file has one. */
  readonly forms: readonly string[];
  readonly warnings: readonly string[];
}

export interface InspectedSafetensors extends InspectedArrays {
  readonly kind: 'safetensors';
  readonly metadata: Readonly<Record<string, string>>;
}

export interface InspectedImage {
  readonly kind: 'image';
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
}

export interface InspectedSymbol {
  readonly kind: 'symbol';
  /** Of the MXNet that wrote it, e.g. 0.9.5. */
  readonly version: string;
  readonly nodes: readonly {
    readonly name: string;
    readonly operator: string;
    readonly attributes: Readonly<Record<string, string>>;
    readonly inputs: readonly string[];
  }[];
  readonly variables: readonly string[];
  readonly outputs: readonly string[];
  /** Undefined when it is no network of this family. */
  readonly network?: { readonly name: string; readonly differences: readonly SymbolDifference[] };
}

/** What a file holds. */
export type Content = InspectedParams | InspectedSafetensors | InspectedSymbol | InspectedImage;

export type Inspection = { readonly file: string; readonly bytes: number } & Content;
