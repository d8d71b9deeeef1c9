/**
 * How many pixels an invocation of the fast convolution computes: more share more fetches, fewer need fewer registers,
 * and cards differ. So it is timed, once per mode, on a layer as the residual network has many.
 */
import { trace } from '../../graph/index.ts';
import { convolution } from '../../ops/index.ts';
import { UnsupportedBackendError } from '../../tensor/errors.ts';
import { zeros } from '../../tensor/tensor.ts';
import type { Device } from './device.ts';
import type { GpuMode } from './gpujs.ts';
import { prepareProgram, type Program } from './plan.ts';
import { type DeviceValue, freeValue } from './values.ts';

const CANDIDATES = [8, 4] as const;
/** Some ten million multiply-adds: long against a launch, short against a frame. */
const DATA = [1, 32, 32, 40];
const WEIGHT = [32, 32, 3, 3];
const ROUNDS = 3;
/** Of an invocation that stores its own results: more would not fit the registers of any card. */
const MOST_PIXELS = 32;

/**
 * The same device, its fast convolutions with tiles of so many pixels.
 *
 * @throws UnsupportedBackendError for a tile that no kernel can have
 */
export function withTile(device: Device, tile: number): Device {
  const { packed, maxParts } = device.capabilities;
  const most = packed === 'textures' ? maxParts : MOST_PIXELS;
  const possible = Number.isInteger(tile) && tile >= 2 && tile <= most;
  if (packed && !possible) {
    throw new UnsupportedBackendError(
      `backend gpu: tile is ${tile}, expected a whole number of pixels from 2 to ${most}`,
    );
  }
  return { ...device, capabilities: { ...device.capabilities, tile } };
}

/** The tiles that were the fastest here, by mode: cards do not change while a page or process lives. */
const fastest = new Map<GpuMode, number>();

/** The device with the tile that is the fastest here. It is timed when the first device of a mode asks. */
export async function withFastestTile(device: Device): Promise<Device> {
  const tile = fastest.get(device.mode) ?? (await chooseTile(device));
  fastest.set(device.mode, tile);
  return withTile(device, tile);
}

/** The fastest tile; the first candidate on devices without packed tensors, or with too few textures for a choice. */
export async function chooseTile(device: Device): Promise<number> {
  const { packed, maxParts } = device.capabilities;
  const possible = CANDIDATES.filter((tile) => packed === 'buffers' || tile <= maxParts);
  if (!packed || possible.length < 2) return possible[0] ?? device.capabilities.tile;
  const graph = trace(
    (parameters, { data }) => ({
      out: convolution(data, parameters.get('weight', WEIGHT), undefined, { pad: 1 }),
    }),
    { data: DATA },
  );
  const weights = new Map([['weight', zeros(WEIGHT)]]);
  const options = { kernels: 'fast', fallback: undefined } as const;
  const data: DeviceValue = { shape: DATA, host: zeros(DATA) };
  const contenders: { tile: number; program: Program; least: number }[] = [];
  try {
    for (const tile of possible) {
      const program = await prepareProgram(withTile(device, tile), graph, weights, options);
      contenders.push({ tile, program, least: Infinity });
      await timeOnce(device, program, data); // compiles
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const contender of contenders) {
        contender.least = Math.min(contender.least, await timeOnce(device, contender.program, data));
      }
    }
  } finally {
    freeValue(device, data);
    for (const { program } of contenders) program.dispose();
  }
  return contenders.reduce((best, other) => (other.least < best.least ? other : best)).tile;
}

async function timeOnce(device: Device, program: Program, data: DeviceValue): Promise<number> {
  const start = performance.now();
  const results = await program.run(new Map([['data', data]]), {});
  await device.finish();
  const end = performance.now();
  for (const value of results.values()) freeValue(device, value);
  return end - start;
}
