/** Golden frames: decoding, resizing and mean subtraction, bit for bit. */
import { join } from 'node:path';
import { type Image, preprocess, resize, scaleFactor } from '../../src/data/index.ts';
import { type Tensor, tensor } from '../../src/tensor/index.ts';
import {
  bgr,
  framePaths,
  type GoldenCase,
  type GoldenImage,
  type Manifest,
  readImage,
  sha256,
} from './manifest.ts';
import { failure, type GoldenRow, statement } from './rows.ts';

export interface GoldenInput {
  readonly data: Tensor;
  readonly imInfo: Tensor;
  /** The file it was made from. */
  readonly source: string;
}

const bytesOf = ({ data }: Tensor): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/**
 * The network's input of a golden image: from the original frame where one can be found, otherwise from the stored
 * resized image. Its hash must be the stored one.
 */
export async function goldenInput(
  folder: string,
  frames: string | undefined,
  { shortSide, longSide }: Pick<GoldenCase, 'shortSide' | 'longSide'>,
  golden: GoldenImage,
): Promise<GoldenInput> {
  const { height, width, scale, dataSha256 } = golden;
  const imInfo = tensor([1, 3], [height, width, scale]);
  for (const path of framePaths(folder, frames, golden.frame)) {
    const { data } = preprocess(await readImage(path), { shortSide, longSide });
    if (sha256(bytesOf(data)) === dataSha256) return { data, imInfo, source: path };
  }
  if (golden.file === null) {
    throw new Error(
      `frame ${golden.frame} is not stored and no original frame has its hash; name its folder with --frames`,
    );
  }
  const small = await readImage(join(folder, golden.file));
  const asItIs = { shortSide: Math.min(width, height), longSide: Math.max(width, height) };
  const { data } = preprocess(small, asItIs);
  if (sha256(bytesOf(data)) !== dataSha256)
    throw new Error(`${golden.file}: the network's input has another hash than stored`);
  return { data, imInfo, source: golden.file };
}

/** Every image of the manifest's preprocessing section, under every resize rule. */
export async function checkPreprocessing(
  folder: string,
  frames: string | undefined,
  { preprocessing }: Manifest,
): Promise<GoldenRow[]> {
  const rows: GoldenRow[] = [];
  for (const { name, file, decodedSha256, resized } of preprocessing?.images ?? []) {
    const paths =
      file === null ? framePaths(folder, frames, Number(name.replace(/\D/g, ''))) : [join(folder, file)];
    let image: Image | undefined;
    for (const path of paths) {
      const candidate = await readImage(path);
      if (sha256(bgr(candidate)) === decodedSha256) image = candidate;
    }
    const title = `preprocess/${name}`;
    if (!image) {
      const why =
        paths.length > 0
          ? 'decodes to other bytes than OpenCV'
          : 'the original frame was not found, see --frames';
      rows.push(failure(title, why));
      continue;
    }
    for (const rule of resized) {
      const small = resize(image, scaleFactor(image.width, image.height, rule.shortSide, rule.longSide));
      const { data, imInfo } = preprocess(image, rule);
      const same =
        sha256(bgr(small)) === rule.sha256 &&
        sha256(bytesOf(data)) === rule.tensorSha256 &&
        rule.imInfo.every((value, k) => Math.fround(value) === imInfo.data[k]);
      rows.push(
        statement(
          `${title} ${rule.shortSide}/${rule.longSide}`,
          same,
          same ? 'hashes agree' : 'hashes differ',
        ),
      );
    }
  }
  return rows;
}
