/**
 * Convolutions of 3 × 3 taps in WebAssembly without vectors, to see what vectors are worth.
 *
 * Letters  C input channels, O output channels, H × W image
 */
import { f32, i32 } from '../../../src/backends/wasm/assembler/index.ts';
import { defineKernel, type Kernel } from '../../../src/backends/wasm/kernel.ts';
import { BLOCK, blocksOf, PIXEL_BYTES } from '../../../src/backends/wasm/layout.ts';
import type { Lower } from '../../../src/backends/wasm/lowering.ts';
import { frameInput, packWeights } from '../../../src/backends/wasm/operators/convolution-parts.ts';

const planarFields = {
  frame: 'address',
  weights: 'address',
  output: 'address',
  channels: 'i32',
  rows: 'i32',
  columns: 'i32',
  frameRowBytes: 'i32',
  framePlaneBytes: 'i32',
} as const;

/** The loop of `naive.ts`, line by line. item = output channel */
const planarKernel: Kernel<typeof planarFields> = defineKernel({
  name: 'ladder planar',
  fields: planarFields,
  write(body, record) {
    const { channels, rows, columns, frameRowBytes, framePlaneBytes, item } = record;
    const sum = body.local('f32');
    const plane = i32.multiply(i32.multiply(rows, columns), 4);
    const to = body.let(i32.add(record.output, i32.multiply(item, plane)));
    const filter = body.let(i32.add(record.weights, i32.multiply(item, i32.multiply(channels, 36))));
    body.for(0, rows, 1, (y) => {
      body.for(0, columns, 1, (x) => {
        const window = i32.add(i32.multiply(y, frameRowBytes), i32.multiply(x, 4));
        const from = body.let(i32.add(record.frame, window));
        const weight = body.let(filter);
        body.set(sum, 0);
        body.for(0, channels, 1, () => {
          const row = body.let(from);
          body.for(0, 3, 1, () => {
            body.for(0, 3, 1, (j) => {
              const value = f32.load(i32.add(row, i32.multiply(j, 4)));
              body.set(sum, f32.add(sum, f32.multiply(value, f32.load(weight))));
              body.increase(weight, 4);
            });
            body.increase(row, frameRowBytes);
          });
          body.increase(from, framePlaneBytes);
        });
        body.perform(f32.store(to, sum));
        body.increase(to, 4);
      });
    });
  },
});

export const lowerScalarPlanar: Lower = (lowering) => {
  const [, C, H, W] = lowering.inputs[0] as readonly [number, number, number, number];
  const [, O] = lowering.outputs[0] as readonly [number, number, number, number];
  const frame = frameInput(lowering, { N: 1, C, H, W, padY: 1, padX: 1 }, true);
  lowering.step(planarKernel, O, {
    frame: frame.address,
    weights: lowering.input(1, 'planar'),
    output: lowering.output(0, 'planar'),
    channels: C,
    rows: H,
    columns: W,
    frameRowBytes: frame.rowBytes,
    framePlaneBytes: frame.planeBytes,
  });
};

const blockFields = {
  frame: 'address',
  /** Byte offsets of the pixels that a window reads, i32, and how many there are. */
  table: 'address',
  entries: 'i32',
  weights: 'address',
  output: 'address',
  rows: 'i32',
  columns: 'i32',
  frameRowBytes: 'i32',
} as const;

/** Eight output channels at a time: each input value is read once for all of them. item = block of output channels */
const blockKernel: Kernel<typeof blockFields> = defineKernel({
  name: 'ladder blocks',
  fields: blockFields,
  write(body, record) {
    const { rows, columns, entries, item } = record;
    const sums = Array.from({ length: BLOCK }, () => body.local('f32'));
    const [value, pixel] = [body.local('f32'), body.local('i32')];
    const plane = i32.multiply(i32.multiply(rows, columns), PIXEL_BYTES);
    const to = body.let(i32.add(record.output, i32.multiply(item, plane)));
    const panel = body.let(
      i32.add(record.weights, i32.multiply(item, i32.multiply(entries, BLOCK * PIXEL_BYTES))),
    );
    body.for(0, rows, 1, (y) => {
      const from = body.let(i32.add(record.frame, i32.multiply(y, record.frameRowBytes)));
      body.for(0, columns, 1, () => {
        const weight = body.let(panel);
        const entry = body.let(record.table);
        for (const sum of sums) body.set(sum, 0);
        body.for(0, entries, 1, () => {
          body.set(pixel, i32.add(from, i32.load(entry)));
          body.for(0, BLOCK, 1, () => {
            body.set(value, f32.load(pixel));
            sums.forEach((sum, o) =>
              body.set(sum, f32.add(sum, f32.multiply(value, f32.load(weight, 4 * o)))),
            );
            body.increase(pixel, 4);
            body.increase(weight, PIXEL_BYTES);
          });
          body.increase(entry, 4);
        });
        sums.forEach((sum, o) => body.perform(f32.store(to, sum, 4 * o)));
        body.increase(from, PIXEL_BYTES);
        body.increase(to, PIXEL_BYTES);
      });
    });
  },
});

export const lowerScalarBlocks: Lower = (lowering) => {
  const [, C, H, W] = lowering.inputs[0] as readonly [number, number, number, number];
  const [, O] = lowering.outputs[0] as readonly [number, number, number, number];
  const frame = frameInput(lowering, { N: 1, C, H, W, padY: 1, padX: 1 }, false);
  const taps = Array.from({ length: 9 }, (_, tap) => tap);
  const table = Array.from({ length: blocksOf(C) }, (_, block) =>
    taps.map(
      (tap) => block * frame.planeBytes + Math.floor(tap / 3) * frame.rowBytes + (tap % 3) * frame.pixelBytes,
    ),
  ).flat();
  const order = { outputs: O, inputs: C, outputStride: 9 * C, inputStride: 9, taps };
  lowering.step(blockKernel, blocksOf(O), {
    frame: frame.address,
    table: lowering.constant(Int32Array.from(table)),
    entries: table.length,
    weights: packWeights(lowering, 1, order, BLOCK),
    output: lowering.output(0, 'blocks'),
    rows: H,
    columns: W,
    frameRowBytes: frame.rowBytes,
  });
};
