/** Images as the inputs of a model. */
import type { NdArray } from '../array.js';
import { type Image, toShape } from './image.js';
import type { SizeLimit } from './size-limit.js';

/** 'unit': bytes become 0 to 1 (byte / 255); 'byte': they stay 0 to 255. */
export type PixelRange = 'unit' | 'byte';

/**
 * Images as n × height × width × channels. Axes that the model leaves open take the first image's extent; a model
 * of flat or gray inputs takes images of as many values.
 * @param shape of one example
 * @throws NetkinError 'input': another size, or a model that takes no images
 */
export function imageInputs(
  images: readonly Image[],
  shape: readonly (number | null)[],
  range: PixelRange,
): NdArray<Float32Array> {
  const array = toShape(images, imageShape(images[0]!, shape));
  // toShape divides by 255; grays are whole thousandths of a byte, so rounding there gives them back exactly.
  if (range === 'byte') {
    for (const [i, value] of array.data.entries()) array.data[i] = Math.round(value * 255_000) / 1000;
  }
  return array;
}

/** Pixels of an image for a model that takes any extent: some 200 MB while it is decoded. */
const OPEN_PIXELS = 4e6;

/**
 * The largest image that a model can take.
 * @param shape of one example
 */
export function largestImage(shape: readonly (number | null)[]): SizeLimit {
  const [rows, columns = 1] = shape;
  if (typeof rows !== 'number' || columns === null)
    return { pixels: OPEN_PIXELS, reason: `at most ${OPEN_PIXELS / 1e6} megapixels are taken` };
  const taken = shape.length === 1 ? `${rows} values` : `${columns} × ${rows} (width × height)`;
  return { pixels: rows * columns, reason: `the model takes ${taken}` };
}

function imageShape({ width, height }: Image, shape: readonly (number | null)[]): number[] {
  if (shape.length === 1) {
    const channels = [1, 3].find((candidate) => width * height * candidate === shape[0]);
    return channels === undefined ? [shape[0] ?? 0] : [height, width, channels];
  }
  const [rows = height, columns = width, channels = shape.length === 2 ? 1 : 3, ...more] = shape;
  return [rows ?? height, columns ?? width, channels ?? 3, ...(more as number[])];
}
