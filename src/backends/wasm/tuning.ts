/** What lowerings may know of the machine and of the user's wishes. */
export interface Tuning {
  /** Workers that share out the items of a step. */
  readonly threads: number;
  /** Output pixels of a tile, and whether its channels are written out; see `kernels/tile.ts`. */
  readonly tile: { readonly pixels: number; readonly unrolled: boolean };
  /** Largest Winograd transform: 4 for F(4×4, 3×3), 2 for the more exact F(2×2, 3×3), 0 for none. */
  readonly winograd: 4 | 2 | 0;
  /** Whether memory goes before speed. */
  readonly saveMemory: boolean;
}

/** The tuning that options of the backend ask for. */
export function tuningOf(
  { precise, memory }: { readonly precise?: boolean; readonly memory?: 'normal' | 'low' },
  threads: number,
  tile: Tuning['tile'],
): Tuning {
  return { threads, tile, winograd: precise ? 2 : 4, saveMemory: memory === 'low' };
}
