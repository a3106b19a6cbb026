/** Small pictures of image inputs, for people to look at: never what is compared. */
import { elements, type NdArray } from '../array.js';

/** Pixels of the longer side. */
const SIDE = 64;

/**
 * Inputs as pictures of at most 64 pixels a side, n × height × width × channels: larger ones are averaged down. Values
 * from 0 to 1, or else from 0 to 255, keep their brightness; of any others the smallest becomes black, the largest white.
 * @param images n × height × width, or n × height × width × 1 or 3
 * @param images.divisor what values are divided by first, default 1
 */
export function thumbnailsOf(images: NdArray & { readonly divisor?: number }): NdArray<Uint8Array> {
  const { shape, data, divisor = 1 } = images;
  const [size, height, width, channels = 1] = shape;
  const { low, scale } = rangeOf(data, divisor);
  const shrunk = Math.min(1, SIDE / Math.max(height, width));
  const [rows, columns] = [height, width].map((side) => Math.max(1, Math.round(side * shrunk)));
  const result = new Uint8Array(elements([size, rows, columns, channels]));
  let place = 0;
  for (let image = 0; image < size; image++) {
    for (let y = 0; y < rows; y++) {
      const [top, bottom] = span(y, rows, height);
      for (let x = 0; x < columns; x++) {
        const [left, right] = span(x, columns, width);
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let row = top; row < bottom; row++)
            for (let column = left; column < right; column++)
              sum += data[((image * height + row) * width + column) * channels + c];
          const mean = sum / ((bottom - top) * (right - left)) / divisor;
          result[place++] = Math.round(Math.min(255, Math.max(0, (mean - low) * scale)));
        }
      }
    }
  }
  return { shape: [size, rows, columns, channels], data: result };
}

/** The pixels that pixel `at` of `few` stands for, out of `many`. */
function span(at: number, few: number, many: number): [number, number] {
  const first = Math.floor((at * many) / few);
  return [first, Math.max(first + 1, Math.floor(((at + 1) * many) / few))];
}

function rangeOf(data: ArrayLike<number>, divisor: number): { low: number; scale: number } {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < data.length; i++) {
    low = Math.min(low, data[i] / divisor);
    high = Math.max(high, data[i] / divisor);
  }
  if (low >= 0 && high <= 255) return { low: 0, scale: high <= 1 ? 255 : 1 };
  return { low, scale: high > low ? 255 / (high - low) : 0 };
}
