/**
 * The bins of regions, for the kernels that pool over them. Their edges are floors and ceilings of float32 quotients,
 * which decide which cells count: a device's division gets a few in a thousand wrong. So they are computed on the
 * processor, at every run, from regions that were usually made there.
 *
 * A region has a row of P + Q entries of four numbers, one entry for each row of bins and then one for each column:
 *
 *   (first row of cells, row after the last, image, 0)          (first column, column after the last, 0, 0)
 *
 * The end is never before the start. A region of an image that is not there has no cells, in image 0.
 *
 * Letters  N images, H × W map, R regions, P × Q bins
 */
import { roiImage } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Argument, Upload } from './kernel.ts';
import { plainLayout } from './layout.ts';

/** `psroiBins`, `roiPoolingBins`: fills pairs (first, end) of the bins of one axis. */
export type BinRule = (
  edges: Int32Array,
  low: number,
  high: number,
  spatialScale: number,
  cells: number,
) => void;

interface RegionGeometry {
  readonly N: number;
  readonly H: number;
  readonly W: number;
  readonly P: number;
  readonly Q: number;
}

const NUMBERS = 4;

/** All rows, one after the other. */
function binEntries(
  rois: Tensor,
  { N, H, W, P, Q }: RegionGeometry,
  spatialScale: number,
  rule: BinRule,
): Float32Array {
  const R = rois.shape[0]!;
  const entries = new Float32Array(R * (P + Q) * NUMBERS);
  const axes = [
    { edges: new Int32Array(2 * P), corner: 2, cells: H },
    { edges: new Int32Array(2 * Q), corner: 1, cells: W },
  ];
  for (let r = 0; r < R; r++) {
    const image = roiImage(rois, r, N);
    if (image < 0) continue;
    let at = r * (P + Q) * NUMBERS;
    for (const { edges, corner, cells } of axes) {
      rule(edges, rois.data[5 * r + corner]!, rois.data[5 * r + corner + 2]!, spatialScale, cells);
      for (let k = 0; k < edges.length; k += 2, at += NUMBERS) {
        const [first, end] = [edges[k]!, edges[k + 1]!];
        entries.set([first, Math.max(first, end), corner === 2 ? image : 0], at);
      }
    }
  }
  return entries;
}

type Bins = (index: number, geometry: RegionGeometry, spatialScale: number, rule: BinRule) => Argument;

/** An argument made of the regions that input `index` holds. */
const binsIn =
  (layoutOf: (regions: number, entries: number) => Upload['layout']): Bins =>
  (index, geometry, spatialScale, rule) => ({
    from: 'host',
    inputs: [index],
    make: ([rois]) => ({
      layout: layoutOf(rois!.shape[0]!, geometry.P + geometry.Q),
      data: binEntries(rois!, geometry, spatialScale, rule),
    }),
  });

/** The entries as bins[region][entry][number]. */
export const plainBins: Bins = binsIn((regions, entries) => plainLayout([regions, entries, NUMBERS]));

/** The same as texels: a row for each region. */
export const texelBins: Bins = binsIn((rows, columns) => ({ kind: 'texels', columns, rows }));
