/** Images in, thumbnails out, and the one conversion between the two that networks need: pixels to numbers. */
import { encode } from 'fast-png';
import type { NdArray } from '../array.js';
import { refuse } from '../errors.js';
import { isJpeg, readJpeg } from './jpeg.js';
import { isPng, readPng } from './png.js';
import { MOST_PIXELS, type SizeLimit } from './size-limit.js';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 1: gray, 3: red, green, blue */
  readonly channels: 1 | 3;
  /** height × width × channels, 0 to 255 */
  readonly data: Uint8Array;
}

export interface Image extends Pixels {
  /** The file, for errors. */
  readonly name: string;
}

/** First bytes of formats that people mistake for the two that netkin reads. */
const others: readonly (readonly [RegExp, string])[] = [
  [/^GIF8/, 'GIF'],
  [/^BM/, 'BMP'],
  [/^RIFF....WEBP/s, 'WebP'],
  [/^(?:II\*\0|MM\0\*)/, 'TIFF'],
  [/^....ftyp(?:avif|avis)/s, 'AVIF'],
  [/^....ftyp(?:heic|heix|mif1)/s, 'HEIC'],
  [/^....JXL /s, 'JPEG XL'],
  [/^\s*<(?:\?xml|svg)/, 'SVG'],
  [/^P[1-6]\s/, 'PNM'],
];

/**
 * Reads a PNG (any depth, palette, alpha; of an animation the first image) or a JPEG (baseline or progressive;
 * the EXIF orientation is not applied), recognised by its first bytes.
 * 16-bit samples are rounded to 8 bits; transparency is composited on white.
 * @param bytes the whole file
 * @param name the file, for errors
 * @param limit of the size that the file declares, looked at before anything is decoded; default 64 megapixels
 * @throws NetkinError 'input': another format, a damaged file, or more pixels
 */
export function readImage(bytes: Uint8Array, name: string, limit: SizeLimit = MOST_PIXELS): Image {
  if (isPng(bytes)) return { name, ...readPng(bytes, name, limit) };
  if (isJpeg(bytes)) return { name, ...readJpeg(bytes, name, limit) };
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  const format = others.find(([pattern]) => pattern.test(start))?.[1];
  refuse(
    'input',
    format === undefined
      ? `${name} is neither a PNG nor a JPEG image.`
      : `${name} is a ${format} image. netkin reads PNG and JPEG: convert it to PNG.`,
  );
}

/**
 * Images as the model's input, n × height × width × channels in 0 to 1 (byte / 255).
 * Gray becomes colour by repetition; colour becomes gray by Rec. 601 luma, 0.299 red + 0.587 green + 0.114 blue.
 * Images are never resized: how to resize is a choice that changes similarities.
 * @param images all of the same size as the model's input
 * @param shape [height, width, channels]; channels 1 or 3
 * @throws NetkinError 'input': no images, another size, or another number of channels
 */
export function toShape(images: readonly Image[], shape: readonly number[]): NdArray<Float32Array> {
  const [height, width, channels] = shape;
  if (
    shape.length !== 3 ||
    height === undefined ||
    width === undefined ||
    (channels !== 1 && channels !== 3)
  ) {
    refuse(
      'input',
      `The model takes ${shape.join(' × ')}, not an image of 1 or 3 channels. Give its inputs as .npy.`,
    );
  }
  if (images.length === 0) refuse('input', 'No images: the folder holds no PNG or JPEG files.');
  for (const image of images) {
    if (image.width !== width || image.height !== height) {
      refuse(
        'input',
        `${image.name} is ${image.width} × ${image.height} pixels, the model takes ${width} × ${height} (width × height). Resize the images first.`,
      );
    }
  }
  const size = height * width * channels;
  const data = new Float32Array(images.length * size); // at most 4 bytes for each byte already decoded, or 12 from gray
  images.forEach((image, i) => {
    fill(data.subarray(i * size, (i + 1) * size), image, channels);
  });
  return { shape: [images.length, height, width, channels], data };
}

function fill(target: Float32Array, { data, channels: source }: Pixels, channels: 1 | 3): void {
  for (let pixel = 0, count = target.length / channels; pixel < count; pixel++) {
    if (source === channels) {
      for (let c = 0; c < channels; c++) target[pixel * channels + c] = data[pixel * channels + c]! / 255;
    } else if (source === 1) {
      target.fill(data[pixel]! / 255, 3 * pixel, 3 * pixel + 3);
    } else {
      const [red, green, blue] = [data[3 * pixel]!, data[3 * pixel + 1]!, data[3 * pixel + 2]!];
      // Whole thousandths: white is exactly 1, and equal channels keep their value.
      target[pixel] = (299 * red + 587 * green + 114 * blue) / 255_000;
    }
  }
}

/**
 * Writes an 8-bit PNG; the same pixels give the same bytes.
 * @param pixels channels 1 (gray), 3 (RGB) or 4 (RGBA); data height × width × channels
 * @throws NetkinError 'input' when the data do not fit the size
 */
export function writePng(pixels: {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  readonly data: Uint8Array;
}): Uint8Array {
  const { width, height, channels, data } = pixels;
  if (!(width >= 1 && height >= 1) || width * height * channels !== data.length) {
    refuse('input', `An image of ${width} × ${height} × ${channels} cannot hold ${data.length} bytes.`);
  }
  return encode({ width, height, channels, depth: 8, data }, { zlib: { level: 9 } });
}
