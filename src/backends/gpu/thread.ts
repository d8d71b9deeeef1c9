/** What gpu.js gives a kernel besides its arguments: types for kernels that are written as functions. */

/** Numbers of a plain tensor: data[plane][row][column]. */
export type Planes = readonly (readonly (readonly number[])[])[];

/** `this` in a kernel that needs the given shape letters and attributes. */
export interface Thread<Letters extends string = never> {
  /** Which number of the result is computed: x column, y row, z plane. */
  readonly thread: { readonly x: number; readonly y: number; readonly z: number };
  /** Literals by the time the kernel is compiled. */
  readonly constants: Readonly<Record<Letters, number>>;
}
