/** Thumbnails of image inputs as data URIs, made only for the inputs that a page shows. */
import { elements, type NdArray } from '../array.js';
import { writePng } from '../format/image.js';

/** Whether one example of this shape is a picture: height × width, with 1 or 3 channels. */
export function isPicture(shape: readonly number[]): boolean {
  const [height = 0, width = 0, channels = 1] = shape;
  return (
    (shape.length === 2 || shape.length === 3) &&
    height > 3 &&
    width > 3 &&
    (channels === 1 || channels === 3)
  );
}

/** PNG data URIs of the chosen inputs; the darkest and brightest value of the whole set become black and white. */
export function pictures(images: NdArray, chosen: Iterable<number>): Map<number, string> {
  const [, height, width, channels = 1] = images.shape;
  const size = elements(images.shape.slice(1));
  let [low, high] = [Infinity, -Infinity];
  for (const value of images.data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = high > low ? 255 / (high - low) : 0;
  return new Map(
    Array.from(new Set(chosen), (index) => {
      const values = images.data.subarray(index * size, (index + 1) * size);
      const data = Uint8Array.from(values, (value) => Math.round((value - low) * scale));
      const png = writePng({ width, height, channels: channels as 1 | 3, data });
      return [index, `data:image/png;base64,${base64(png)}`];
    }),
  );
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
