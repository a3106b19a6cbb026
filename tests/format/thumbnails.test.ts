/** Thumbnails: small, in the right brightness, and of the right pixels. */
import { expect, test } from 'vitest';
import { thumbnailsOf } from '../../src/format/thumbnails.js';

test('small images stay as they are: 0 to 1, bytes, and bytes with a divisor', () => {
  const shape = [1, 1, 4, 1];
  const wanted = { shape, data: Uint8Array.of(0, 51, 102, 255) };
  expect(thumbnailsOf({ shape, data: Float32Array.of(0, 0.2, 0.4, 1) })).toEqual(wanted);
  expect(thumbnailsOf({ shape, data: wanted.data })).toEqual(wanted);
  expect(thumbnailsOf({ shape, data: wanted.data, divisor: 255 })).toEqual(wanted);
  // Without a channel axis, they get one.
  expect(thumbnailsOf({ shape: [1, 1, 4], data: wanted.data })).toEqual(wanted);
});

test('other ranges run from black to white, and one value is black', () => {
  const shape = [1, 1, 3, 1];
  expect(thumbnailsOf({ shape, data: Float32Array.of(-2, 0, 2) }).data).toEqual(Uint8Array.of(0, 128, 255));
  expect(thumbnailsOf({ shape, data: Float32Array.of(-2, -2, -2) }).data).toEqual(new Uint8Array(3));
});

test('large images are averaged down to 64 pixels on the longer side, each channel alone', () => {
  const [height, width] = [128, 100];
  const data = new Uint8Array(2 * height * width * 3);
  // The second image: red where y is odd, green on the right, blue everywhere.
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      data.set([y % 2 ? 255 : 0, x >= 50 ? 255 : 0, 255], ((height + y) * width + x) * 3);
  }
  const { shape, data: small } = thumbnailsOf({ shape: [2, height, width, 3], data });
  expect(shape).toEqual([2, 64, 50, 3]);
  expect(small.subarray(0, 64 * 50 * 3).every((value) => value === 0)).toBe(true);
  const pixel = (y: number, x: number) => [...small.subarray((64 * 50 + y * 50 + x) * 3).subarray(0, 3)];
  expect(pixel(0, 0)).toEqual([128, 0, 255]);
  expect(pixel(63, 49)).toEqual([128, 255, 255]);
  expect(thumbnailsOf({ shape: [1, 1, 1000, 1], data: new Uint8Array(1000) }).shape).toEqual([1, 1, 64, 1]);
});
