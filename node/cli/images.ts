/** A folder of images: every PNG and JPEG below it, in the order of the names. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { NdArray } from '../../src/array.js';
import { refuse } from '../../src/errors.js';
import type { Image } from '../../src/format/image.js';
import { readBytes } from '../runtime.js';
import { interruption } from './interruption.js';
import type { PixelRange } from './options.js';

/**
 * Reads all images, folders of classes among them. Entries are sorted by code unit, folder by folder, the same in
 * every locale. Hidden entries, other files and linked folders are left out.
 * @throws NetkinError 'input': no images, or one that is damaged
 */
export async function readImages(folder: string): Promise<Image[]> {
  const { readImage } = await import('../../src/format/image.js');
  const images: Image[] = [];
  for (const path of await imagePaths(folder)) {
    interruption.throwIfAborted();
    images.push(readImage(await readBytes(path), path));
  }
  if (images.length === 0) refuse('input', `The folder '${folder}' holds no PNG or JPEG images.`);
  return images;
}

async function imagePaths(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    return refuse(
      'input',
      `The folder '${folder}' cannot be read (${cause.code}); check its permissions.`,
      cause,
    );
  });
  const paths: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) paths.push(...(await imagePaths(path)));
    else if (/\.(?:png|jpe?g)$/i.test(entry.name)) paths.push(path);
  }
  return paths;
}

/**
 * Images as n × height × width × channels. Axes that the model leaves open take the first image's extent; a model
 * of flat or gray inputs takes images of as many values.
 * @param shape of one example
 */
export async function imageArray(
  images: readonly Image[],
  shape: readonly (number | null)[],
  range: PixelRange,
): Promise<NdArray<Float32Array>> {
  const { toShape } = await import('../../src/format/image.js');
  const array = toShape(images, imageShape(images[0]!, shape));
  // toShape divides by 255; grays are whole thousandths of a byte, so rounding there gives them back exactly.
  if (range === 'byte') {
    for (const [i, value] of array.data.entries()) array.data[i] = Math.round(value * 255_000) / 1000;
  }
  return array;
}

function imageShape({ width, height }: Image, shape: readonly (number | null)[]): number[] {
  if (shape.length === 1) {
    const channels = [1, 3].find((candidate) => width * height * candidate === shape[0]);
    return channels === undefined ? [shape[0] ?? 0] : [height, width, channels];
  }
  const [rows = height, columns = width, channels = shape.length === 2 ? 1 : 3, ...more] = shape;
  return [rows ?? height, columns ?? width, channels ?? 3, ...(more as number[])];
}
