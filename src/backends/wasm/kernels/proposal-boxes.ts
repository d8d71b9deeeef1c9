/**
 * Candidates of the region proposal network: anchors corrected and cut to the image, and their scores, in the float32 steps
 * of `proposalCandidates`.
 *
 *   item = (image, row of cells)
 *   candidate (y · W + x) · A + a is anchor a of cell (y, x)
 *
 * Next to each score goes a key, an integer that is the smaller the better the score is: the float's bits, turned round.
 *
 * Letters  A anchors a cell, H × W cells
 */
import { type Body, type Expression, f32, f64, i32, type Local } from '../assembler/index.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { exponentialFunction } from './exponential.ts';

const fields = {
  /** N × 2A × H × W: of A backgrounds, then of A objects. */
  scores: 'address',
  /** N × 4A × H × W. */
  corrections: 'address',
  /** N × 3: height, width, scale. */
  imageInfo: 'address',
  /** A × 4, those of cell (0, 0). */
  anchors: 'address',
  /** Smallest side in pixels of the original image, float64. */
  minSize: 'address',
  /** For each candidate: four corners; score; key. */
  boxes: 'address',
  boxScores: 'address',
  keys: 'address',
  count: 'i32',
  rows: 'i32',
  columns: 'i32',
  stride: 'i32',
} as const;

export const proposalBoxesKernel: Kernel<typeof fields> = defineKernel({
  name: 'proposal boxes',
  fields,
  write(body, record, module) {
    const { rows, columns, count, stride, item } = record;
    const exponential = exponentialFunction(module);
    const image = body.let(i32.divide(item, rows));
    const y = body.let(i32.remainder(item, rows));
    const cells = body.let(i32.multiply(rows, columns));
    const mapBytes = body.let(i32.multiply(cells, 4));
    const info = body.let(i32.add(record.imageInfo, i32.multiply(image, 12)));
    const lasts = [4, 0].map((bytes) => body.let(f32.subtract(f32.load(info, bytes), 1))); // of x, of y
    const live = liveColumns(body, info, y, stride);
    const least = body.let(
      f32.fromF64(f64.multiply(f64.load(record.minSize), f64.fromF32(f32.load(info, 8)))),
    );
    const half = body.let(f32.divide(least, 2));

    const first = i32.multiply(i32.multiply(item, columns), count);
    const at = body.let(i32.multiply(first, 4));
    const box = body.let(i32.add(record.boxes, i32.multiply(at, 4)));
    const score = body.let(i32.add(record.boxScores, at));
    const key = body.let(i32.add(record.keys, at));
    const row = body.let(i32.multiply(i32.multiply(y, columns), 4));
    const [value, size] = [body.local('f32'), body.local('f32')];
    body.for(0, columns, 1, (x) => {
      const cell = i32.add(row, i32.multiply(x, 4));
      const planes = i32.multiply(i32.multiply(image, count), mapBytes);
      const correction = body.let(i32.add(i32.add(record.corrections, i32.multiply(planes, 4)), cell));
      const probability = body.let(i32.add(i32.add(record.scores, i32.multiply(planes, 2)), cell));
      body.increase(probability, i32.multiply(count, mapBytes));
      const anchor = body.let(record.anchors);
      body.for(0, count, 1, () => {
        const corners = [0, 1].map((axis) => {
          const shift = body.let(f32.fromI32(i32.multiply(axis === 0 ? x : y, stride)));
          const low = body.let(f32.add(f32.load(anchor, 4 * axis), shift));
          const high = f32.add(f32.load(anchor, 4 * axis + 8), shift);
          body.set(size, f32.add(f32.subtract(high, low), 1));
          const plane = (k: number): Expression<'f32'> =>
            f32.load(i32.add(correction, i32.multiply(mapBytes, k)));
          const middle = f32.add(low, f32.multiply(0.5, f32.subtract(size, 1)));
          const centre = body.let(f32.add(f32.multiply(plane(axis), size), middle));
          const growth = f32.fromF64(exponential.call({ x: f64.fromF32(plane(2 + axis)) }));
          const reach = body.let(f32.multiply(0.5, f32.subtract(f32.multiply(growth, size), 1)));
          const cut = (corner: Expression<'f32'>): Local<'f32'> =>
            body.let(f32.maximum(f32.minimum(corner, lasts[axis]!), 0));
          return [cut(f32.subtract(centre, reach)), cut(f32.add(centre, reach))] as const;
        });
        body.set(value, f32.load(probability));
        body.if(i32.greaterEqual(x, live), () => body.set(value, -1));
        const [isNarrow, isLow] = corners.map(([low, high]) =>
          f32.less(f32.add(f32.subtract(high, low), 1), least),
        );
        body.if(i32.or(isNarrow!, isLow!), () => {
          body.set(value, -1);
          for (const [low, high] of corners) {
            body.set(low, f32.subtract(low, half));
            body.set(high, f32.add(high, half));
          }
        });
        corners.forEach(([low, high], axis) => {
          body.perform(f32.store(box, low, 4 * axis));
          body.perform(f32.store(box, high, 4 * axis + 8));
        });
        body.perform(f32.store(score, value));
        body.perform(i32.store(key, keyOf(body, value)));
        body.increase(box, 16);
        body.increase(score, 4);
        body.increase(key, 4);
        body.increase(anchor, 16);
        body.increase(probability, mapBytes);
        body.increase(correction, i32.multiply(mapBytes, 4));
      });
    });
  },
});

/** Columns of a row of cells that lie in the image as a whole: ⌊width / stride⌋, or none; see `disableDeadCells`. */
function liveColumns(body: Body, info: Local<'i32'>, y: Local<'i32'>, stride: Local<'i32'>): Local<'i32'> {
  const whole = (bytes: number): Expression<'i32'> =>
    i32.fromF32(f32.divide(f32.load(info, bytes), f32.fromI32(stride)));
  return body.let(i32.select(whole(4), 0, i32.less(y, whole(0))));
}

/** Unsigned order of keys is descending order of scores. NaN is as good as Infinity, −0 as good as 0. */
function keyOf(body: Body, score: Local<'f32'>): Expression<'i32'> {
  const known = f32.select(score, Infinity, f32.equal(score, score));
  const bits = body.let(i32.bitsOf(f32.add(known, 0)));
  // Positive floats: all bits but the sign turned, so that large ones come first, before all negative ones.
  return i32.exclusiveOr(bits, i32.select(0, 0x7fffffff, i32.less(bits, 0)));
}
