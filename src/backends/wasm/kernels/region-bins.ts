/**
 * Bins of regions: where the bins of each region lie on the map, in exactly the float32 steps of `psroiBins` and
 * `roiPoolingBins`, since they are decisions.
 *
 *   item = some regions
 *   table[region] = image, rows (first, end) of each bin, columns (first, end) of each bin; all i32
 *
 * A region of an image that is not there has image −1.
 */
import { type Body, type Expression, f32, f64, i32, type Local } from '../assembler/index.ts';
import { type Address, defineKernel, type Kernel, type RecordOf } from '../kernel.ts';

const fields = {
  rois: 'address',
  table: 'address',
  regions: 'i32',
  images: 'i32',
  height: 'i32',
  width: 'i32',
  binsY: 'i32',
  binsX: 'i32',
  scale: 'f32',
  /** What the smallest bin of position-sensitive pooling measures: 0.1 / bins. */
  least: 'f32',
} as const;

export type BinRule = 'psroi' | 'roi';

/** Regions of an item. */
const CHUNK = 16;

/** Bytes of a region in the table. */
export function regionBytes([binsY, binsX]: readonly [number, number]): number {
  return 4 * (1 + 2 * binsY + 2 * binsX);
}

/** The step that finds the bins, as the arguments of `step`. */
export function findBins(
  rule: BinRule,
  size: { readonly [K in 'regions' | 'images' | 'height' | 'width' | 'binsY' | 'binsX']: number },
  spatialScale: number,
  rois: Address,
  table: Address,
): readonly [Kernel<typeof fields>, number, RecordOf<typeof fields>] {
  const record = { ...size, rois, table, scale: spatialScale, least: Math.fround(0.1) / size.binsY };
  return [regionBinsKernel(rule), Math.ceil(size.regions / CHUNK), record];
}

function regionBinsKernel(rule: BinRule): Kernel<typeof fields> {
  return defineKernel({
    name: `bins of ${rule}`,
    fields,
    write(body, record) {
      const first = body.let(i32.multiply(record.item, CHUNK));
      const end = body.let(i32.add(first, CHUNK));
      body.set(end, i32.minimum(end, record.regions));
      const bins = i32.add(record.binsY, record.binsX);
      const bytes = body.let(i32.add(4, i32.multiply(bins, 8)));
      const roi = body.let(i32.add(record.rois, i32.multiply(first, 20)));
      const to = body.let(i32.add(record.table, i32.multiply(first, bytes)));
      body.for(first, end, 1, () => {
        body.perform(i32.store(to, imageOf(body, roi, record.images)));
        const edge = body.let(i32.add(to, 4));
        const axes = [
          [8, record.height, record.binsY],
          [4, record.width, record.binsX],
        ] as const;
        for (const [corner, cells, count] of axes) {
          const [low, high] = [f32.load(roi, corner), f32.load(roi, corner + 8)];
          const { edgeOf } = (rule === 'psroi' ? psroiAxis : roiAxis)(body, low, high, count, record);
          body.for(0, count, 1, (bin) => {
            for (const which of [0, 1] as const) {
              const cell = body.let(edgeOf(bin, which));
              body.set(cell, i32.select(cell, 0, i32.greater(cell, 0)));
              body.perform(i32.store(edge, i32.minimum(cell, cells), 4 * which));
            }
            body.increase(edge, 8);
          });
        }
        body.increase(roi, 20);
        body.increase(to, bytes);
      });
    },
  });
}

/** The image of a region, or −1. */
function imageOf(body: Body, roi: Local<'i32'>, images: Local<'i32'>): Expression<'i32'> {
  const given = body.let(f32.load(roi));
  const image = body.let(i32.fromF32(given)); // NaN would become 0
  const isThere = i32.and(f32.greater(given, -1), i32.less(image, images));
  return i32.select(image, -1, isThere);
}

/** The first cell of a bin, or the one behind its last, before they are cut to the map. */
interface BinAxis {
  readonly edgeOf: (bin: Local<'i32'>, which: 0 | 1) => Expression<'i32'>;
}

type Axis = (
  body: Body,
  low: Expression<'f32'>,
  high: Expression<'f32'>,
  count: Local<'i32'>,
  record: { readonly scale: Local<'f32'>; readonly least: Local<'f32'> },
) => BinAxis;

/** The nearest whole number, halves away from zero, as `roundAway`. */
function roundAway(body: Body, value: Expression<'f32'>): Expression<'f64'> {
  const x = body.let(f64.fromF32(value));
  const below = f64.negate(f64.floor(f64.subtract(0.5, x)));
  return f64.select(below, f64.floor(f64.add(x, 0.5)), f64.less(x, 0));
}

/** start = round(low) · scale, size = max((round(high) + 1) · scale − start, 0.1) / bins */
const psroiAxis: Axis = (body, low, high, count, { scale, least }) => {
  const start = body.let(f32.multiply(f32.fromF64(roundAway(body, low)), scale));
  const behind = f32.multiply(f32.fromF64(f64.add(roundAway(body, high), 1)), scale);
  const extent = body.let(f32.subtract(behind, start));
  const isTiny = f64.lessEqual(f64.fromF32(extent), 0.1);
  const size = body.let(f32.select(least, f32.divide(extent, f32.fromI32(count)), isTiny));
  return {
    edgeOf(bin, which) {
      const edge = f32.add(f32.multiply(f32.fromI32(i32.add(bin, which)), size), start);
      return i32.fromF32(which === 0 ? f32.floor(edge) : f32.ceil(edge));
    },
  };
};

/** start = round(low · scale), size = max(round(high · scale) − start + 1, 1) / bins */
const roiAxis: Axis = (body, low, high, count, { scale }) => {
  const start = body.let(roundAway(body, f32.multiply(low, scale)));
  const end = roundAway(body, f32.multiply(high, scale));
  const extent = f64.maximum(f64.add(f64.subtract(end, start), 1), 1);
  const size = body.let(f32.fromF64(f64.divide(extent, f64.fromI32(count))));
  return {
    edgeOf(bin, which) {
      const edge = f32.multiply(f32.fromI32(i32.add(bin, which)), size);
      const cell = which === 0 ? f32.floor(edge) : f32.ceil(edge);
      return i32.fromF64(f64.add(f64.fromF32(cell), start));
    },
  };
};
