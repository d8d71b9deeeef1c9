/**
 * The inner loop of convolution, deconvolution and Winograd's products: a row of pixels times the weights of eight output
 * channels.
 *
 *   for each run of `pixels` pixels in the row:
 *     sums[pixel][8] = start (the bias), or what the output holds already
 *     for each entry of the table (one tap of one block of input channels):
 *       for each input channel k of the block:
 *         for each pixel: sums[pixel] += input[entry + pixel][k] · weights[k][8]
 *     output[pixel] = activation(sums[pixel])
 *
 * Two vectors of sums a pixel stay in registers through the whole table. The weights' two vectors serve all pixels, an
 * input value is spread over the lanes straight from memory. Of 16 registers 6 pixels take 12 for sums, 2 for weights and
 * 1 for the input; one more would spill.
 *
 * V8 before version 12 places all loads of a straight piece of code before its arithmetic, so that every spread input is
 * alive at once; there the channels are a loop and 4 pixels are the most (`unrolled: false`).
 *
 * The input pixel that an output pixel reads comes from the table's byte offsets, whence kernel size, dilation and padding
 * are no matter here; the steps between pixels are constants of the code.
 */
import { f32x4, i32, type ModuleWriter, multiplyAdd, v128, type WasmFunction } from '../assembler/index.ts';
import type { Body, Local, V128 } from '../assembler/index.ts';

export interface TileShape {
  /** Output pixels at a time. */
  readonly pixels: number;
  /** Floats side by side that a table entry stands for: the channels of a block, or the taps of a row of a planar input. */
  readonly depth: number;
  /** Bytes between the input values of two output pixels. */
  readonly inputStep: number;
  /** Bytes between two output pixels. */
  readonly outputStep: number;
  /** Whether the input channels are written out, or a loop. */
  readonly unrolled: boolean;
}

export type TileParameters = {
  readonly input: 'i32';
  /** First and end of the byte offsets, i32 each. */
  readonly table: 'i32';
  readonly tableEnd: 'i32';
  /** [entry][input channel][8]. */
  readonly weights: 'i32';
  readonly output: 'i32';
  /** Runs of `pixels` pixels, at least one. */
  readonly runs: 'i32';
  /** Eight values that sums start from; 0: they go on from the output. */
  readonly start: 'i32';
  /** What to add to the output's address for the residual's; 0: there is none. */
  readonly residual: 'i32';
  /** 0 none, 1 relu, 2 leaky. */
  readonly activation: 'i32';
  readonly slope: 'f32';
};

const parameters: TileParameters = {
  input: 'i32',
  table: 'i32',
  tableEnd: 'i32',
  weights: 'i32',
  output: 'i32',
  runs: 'i32',
  start: 'i32',
  residual: 'i32',
  activation: 'i32',
  slope: 'f32',
};

/** The sums of a pixel: its lower and upper four channels. */
type Sums = readonly (readonly [Local<'v128'>, Local<'v128'>])[];

export function tileFunction(module: ModuleWriter, shape: TileShape): WasmFunction<TileParameters> {
  const { pixels, depth, inputStep, outputStep, unrolled } = shape;
  const name = `tile ${pixels} ${depth} ${inputStep} ${outputStep} ${unrolled}`;
  return module.function(name, parameters, (body, locals) => {
    const { input, table, tableEnd, weights, output, runs, start, residual } = locals;
    const sums: Sums = Array.from({ length: pixels }, () => [body.local('v128'), body.local('v128')]);
    const [entry, weight, pixel] = [body.local('i32'), body.local('i32'), body.local('i32')];
    const each = (act: (sum: Local<'v128'>, bytes: number, half: 0 | 1) => void): void =>
      sums.forEach(([low, high], k) => {
        act(low, k * outputStep, 0);
        act(high, k * outputStep + 16, 1);
      });
    const product = productOf(module, body, sums, inputStep, pixel, weight);
    body.doWhile(
      () => {
        body.if(
          start,
          () => each((sum, _, half) => body.set(sum, v128.load(start, 16 * half))),
          () => each((sum, bytes) => body.set(sum, v128.load(output, bytes))),
        );
        body.if(residual, () =>
          each((sum, bytes) => {
            body.set(sum, f32x4.add(sum, v128.load(i32.add(output, residual), bytes)));
          }),
        );
        body.set(entry, table);
        body.set(weight, weights);
        body.doWhile(
          () => {
            body.set(pixel, i32.add(input, i32.load(entry)));
            if (unrolled || depth === 1) {
              for (let k = 0; k < depth; k++) product(k);
              body.increase(weight, 32 * depth);
            } else {
              const last = body.let(i32.add(pixel, 4 * depth));
              body.doWhile(
                () => {
                  product(0);
                  body.increase(weight, 32);
                  body.increase(pixel, 4);
                },
                () => i32.below(pixel, last),
              );
            }
            body.increase(entry, 4);
          },
          () => i32.below(entry, tableEnd),
        );
        activate(body, each, locals);
        each((sum, bytes) => body.perform(v128.store(output, sum, bytes)));
        body.increase(input, pixels * inputStep);
        body.increase(output, pixels * outputStep);
        body.increase(runs, -1);
      },
      () => runs,
    );
  });
}

/** The code that adds the products of the k-th float of an entry. */
function productOf(
  { relaxed }: ModuleWriter,
  body: Body,
  sums: Sums,
  inputStep: number,
  pixel: Local<'i32'>,
  weight: Local<'i32'>,
): (k: number) => void {
  const [low, high, value] = [body.local('v128'), body.local('v128'), body.local('v128')];
  return (k) => {
    body.set(low, v128.load(weight, 32 * k));
    body.set(high, v128.load(weight, 32 * k + 16));
    sums.forEach(([lower, upper], place) => {
      body.set(value, v128.loadSplat(pixel, place * inputStep + 4 * k));
      body.set(lower, multiplyAdd(relaxed, value, low, lower));
      body.set(upper, multiplyAdd(relaxed, value, high, upper));
    });
  };
}

/** What activation a number stands for: none, relu, or leaky. */
export const activationCode = (slope: number): number => (slope === 1 ? 0 : slope === 0 ? 1 : 2);

function activate(
  body: Body,
  each: (act: (sum: Local<'v128'>) => void) => void,
  { activation, slope }: { readonly activation: Local<'i32'>; readonly slope: Local<'f32'> },
): void {
  body.if(i32.equal(activation, 1), () => each((sum) => body.set(sum, relu(sum))));
  body.if(i32.equal(activation, 2), () => {
    const slopes = body.let(f32x4.splat(slope));
    each((sum) => body.set(sum, leaky(sum, slopes)));
  });
}

/** NaN stays NaN. */
export const relu = (value: V128): V128 => f32x4.maximum(value, v128.zero);

/** The value where it is above 0, else slope · value. */
export const leaky = (value: V128, slopes: V128): V128 =>
  v128.bitSelect(value, f32x4.multiply(value, slopes), f32x4.greater(value, v128.zero));
