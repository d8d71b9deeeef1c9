/**
 * matrix product: the one blocked, packed loop behind convolution, its gradients and deconvolution.
 *
 * Formula  out[m, n] += Σ_k left[m, k] · right[k, n]
 * Letters  M rows, N columns, K depth; a panel is 4 rows of left, or 4 columns of right, stored depth-major
 *
 * A naive triple loop waits for memory. Here a block of K × N is first copied into panels, which puts the numbers of
 * the inner loop side by side; that loop then keeps a tile of 4 × 4 sums in registers, so that 8 loads feed 16
 * multiply-adds. Panels and sums are float64 whatever the tensors are: JavaScript computes in float64, so this saves
 * conversions, and the sums carry no rounding of their own.
 *
 * The two matrices are never written out whole: the caller says how to copy a block of them into panels. That is
 * where convolution finds its pixels.
 */
import type { TensorData } from '../tensor/tensor.ts';

/** Rows or columns per panel. */
export const PANEL = 4;
/** Depth of a block: a panel of it (8 KB) stays in the first-level cache. */
const DEPTH_BLOCK = 256;
/** Columns of a block: 256 × 128 numbers (256 KB) stay in the second-level cache. */
const COLUMN_BLOCK = 128;

export interface MatrixProduct {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** Writes left[m, k] for all m and k0 ≤ k < k1 to `panels[panelPosition(m, k − k0, k1 − k0)]`. */
  packLeft(panels: Float64Array, k0: number, k1: number): void;
  /** Writes right[k, n] for k0 ≤ k < k1, n0 ≤ n < n1 to `panels[panelPosition(n − n0, k − k0, k1 − k0)]`. */
  packRight(panels: Float64Array, k0: number, k1: number, n0: number, n1: number): void;
}

/** Where the element of a row (or column) and depth lies in panels of a given depth. */
export function panelPosition(row: number, k: number, depth: number): number {
  return (row - (row % PANEL)) * depth + k * PANEL + (row % PANEL);
}

const panelSize = (rows: number, depth: number): number => Math.ceil(rows / PANEL) * PANEL * depth;

/** Adds the product to the row-major matrix of `rows` × `columns` that starts at `offset` of `out`. */
export function addMatrixProduct(out: TensorData, offset: number, product: MatrixProduct): void {
  const { rows, columns, depth } = product;
  const deepest = Math.min(depth, DEPTH_BLOCK);
  // Rows and columns that round up to whole panels hold whatever was there last: `addTile` leaves their sums out.
  const left = new Float64Array(panelSize(rows, deepest));
  const right = new Float64Array(panelSize(Math.min(columns, COLUMN_BLOCK), deepest));
  const tile = new Float64Array(PANEL * PANEL);
  for (let k0 = 0; k0 < depth; k0 += DEPTH_BLOCK) {
    const k1 = Math.min(k0 + DEPTH_BLOCK, depth);
    product.packLeft(left, k0, k1);
    for (let n0 = 0; n0 < columns; n0 += COLUMN_BLOCK) {
      const n1 = Math.min(n0 + COLUMN_BLOCK, columns);
      product.packRight(right, k0, k1, n0, n1);
      for (let m = 0; m < rows; m += PANEL) {
        for (let n = n0; n < n1; n += PANEL) {
          multiplyPanels(tile, left, m * (k1 - k0), right, (n - n0) * (k1 - k0), k1 - k0);
          addTile(
            out,
            offset + m * columns + n,
            columns,
            tile,
            Math.min(PANEL, rows - m),
            Math.min(PANEL, n1 - n),
          );
        }
      }
    }
  }
}

/** Adds the valid corner of a tile: panels at the right and lower end of the matrix are only partly filled. */
function addTile(
  out: TensorData,
  start: number,
  columns: number,
  tile: Float64Array,
  height: number,
  width: number,
): void {
  for (let m = 0; m < height; m++) {
    for (let n = 0; n < width; n++) out[start + m * columns + n]! += tile[m * PANEL + n]!;
  }
}

/** tile[m, n] = Σ_k left[k, m] · right[k, n], written out so that the sixteen sums live in registers. */
function multiplyPanels(
  tile: Float64Array,
  left: Float64Array,
  leftStart: number,
  right: Float64Array,
  rightStart: number,
  depth: number,
): void {
  let [s00, s01, s02, s03] = [0, 0, 0, 0];
  let [s10, s11, s12, s13] = [0, 0, 0, 0];
  let [s20, s21, s22, s23] = [0, 0, 0, 0];
  let [s30, s31, s32, s33] = [0, 0, 0, 0];
  for (let k = 0, l = leftStart, r = rightStart; k < depth; k++, l += PANEL, r += PANEL) {
    const r0 = right[r]!;
    const r1 = right[r + 1]!;
    const r2 = right[r + 2]!;
    const r3 = right[r + 3]!;
    const l0 = left[l]!;
    s00 += l0 * r0;
    s01 += l0 * r1;
    s02 += l0 * r2;
    s03 += l0 * r3;
    const l1 = left[l + 1]!;
    s10 += l1 * r0;
    s11 += l1 * r1;
    s12 += l1 * r2;
    s13 += l1 * r3;
    const l2 = left[l + 2]!;
    s20 += l2 * r0;
    s21 += l2 * r1;
    s22 += l2 * r2;
    s23 += l2 * r3;
    const l3 = left[l + 3]!;
    s30 += l3 * r0;
    s31 += l3 * r1;
    s32 += l3 * r2;
    s33 += l3 * r3;
  }
  tile[0] = s00;
  tile[1] = s01;
  tile[2] = s02;
  tile[3] = s03;
  tile[4] = s10;
  tile[5] = s11;
  tile[6] = s12;
  tile[7] = s13;
  tile[8] = s20;
  tile[9] = s21;
  tile[10] = s22;
  tile[11] = s23;
  tile[12] = s30;
  tile[13] = s31;
  tile[14] = s32;
  tile[15] = s33;
}
