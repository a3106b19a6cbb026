/** Images as the inputs of a model. */
import type { NdArray } from '../array.js';
import { type Image, toShape } from './image.js';

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

function imageShape({ width, height }: Image, shape: readonly (number | null)[]): number[] {
  if (shape.length === 1) {
    const channels = [1, 3].find((candidate) => width * height * candidate === shape[0]);
    return channels === undefined ? [shape[0] ?? 0] : [height, width, channels];
  }
  const [rows = height, columns = width, channels = shape.length === 2 ? 1 : 3, ...more] = shape;
  return [rows ?? height, columns ?? width, channels ?? 3, ...(more as number[])];
}
