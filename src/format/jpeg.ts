/**
 * JPEG files. jpeg-js decodes; this file stands before it and refuses what would make it allocate or work beyond
 * what the file's own bytes justify.
 */
import { decode } from 'jpeg-js';
import { refuse } from '../errors.js';
import type { Pixels } from './image.js';
import { checkSize, type SizeLimit } from './size-limit.js';

const mostScans = 200; // progressive files have about 10; every scan costs a pass over the image
const mostMebibytes = 1024; // working memory of the decoder, which keeps 4 bytes for each coefficient

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** 8 × 8 blocks of coefficients, those included that fill up the last units. */
  readonly blocks: number;
}

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/** @throws NetkinError 'input': damaged, cut off, too large, or a kind of JPEG that jpeg-js does not decode */
export function readJpeg(bytes: Uint8Array, name: string, limit: SizeLimit): Pixels {
  const frame = readFrame(bytes, name, limit);
  const { width, height, components } = frame;
  if (countScans(bytes) > mostScans) {
    refuse('input', `${name} has over ${mostScans} scans: damaged or hostile JPEG image. Convert it to PNG.`);
  }
  let rgb: Uint8Array;
  try {
    const image = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      // jpeg-js makes room for every frame that it meets, and refuses a second one only at the end.
      maxResolutionInMP: (width * height + 1) / 1e6,
      maxMemoryUsageInMB: Math.min(mostMebibytes, mebibytesOf(frame)),
    });
    if (image.width !== width || image.height !== height) throw new Error('two sizes in one file');
    rgb = image.data;
  } catch (cause) {
    const tooLarge = cause instanceof Error && cause.message.includes('maxMemoryUsage');
    refuse(
      'input',
      tooLarge
        ? `${name} needs over 1 GiB to decode ${width} × ${height} pixels. Resize it.`
        : `${name} is a damaged or cut off JPEG image. Copy or convert it again.`,
      cause,
    );
  }
  if (components !== 1) return { width, height, channels: 3, data: rgb };
  return {
    width,
    height,
    channels: 1,
    data: Uint8Array.from({ length: width * height }, (_, i) => rgb[3 * i]!),
  };
}

/** Walks the segments up to the frame header and checks it against the length of the file. */
function readFrame(bytes: Uint8Array, name: string, limit: SizeLimit): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = () =>
    refuse('input', `${name} is a damaged or cut off JPEG image. Copy or convert it again.`);
  for (let offset = 2; ; ) {
    if (offset + 4 > bytes.length || bytes[offset] !== 0xff) damaged();
    const marker = bytes[offset + 1]!;
    if (marker === 0xff) {
      offset++; // fill byte
      continue;
    }
    const length = view.getUint16(offset + 2);
    if (length < 2 || offset + 2 + length > bytes.length) damaged();
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (!isFrame) {
      if (marker === 0xda || marker === 0xd9) damaged(); // pixels, or the end, before any size
      offset += 2 + length;
      continue;
    }
    const components = bytes[offset + 9] ?? 0;
    if (marker > 0xc2 || bytes[offset + 4] !== 8) {
      refuse('input', `${name} is a lossless, arithmetic or 12-bit JPEG image. Convert it to PNG.`);
    }
    if (length !== 8 + 3 * components || ![1, 3, 4].includes(components)) damaged();
    const height = view.getUint16(offset + 5);
    const width = view.getUint16(offset + 7);
    checkSize(width, height, name, limit);
    const table = bytes.subarray(offset + 10, offset + 2 + length);
    const factors = Array.from({ length: components }, (_, i) => table[3 * i + 1]!);
    if (
      factors.some((factor) => factor >> 4 < 1 || factor >> 4 > 4 || (factor & 15) < 1 || (factor & 15) > 4)
    )
      damaged();
    // Each 8 × 8 block costs at least one bit, so a short file cannot hold a large image.
    if (blocks(width, height, factors) > 8 * bytes.length) damaged();
    return { width, height, components, blocks: paddedBlocks(width, height, factors) };
  }
}

/** What jpeg-js counts for one frame: coefficients, samples, pixels; and tables, of which real files have few. */
function mebibytesOf({ width, height, components, blocks }: Frame): number {
  const bytes = 4 * 64 * blocks + 64 * blocks + (components + 3) * width * height;
  return bytes / 2 ** 20 + 4;
}

function paddedBlocks(width: number, height: number, factors: readonly number[]): number {
  const widest = Math.max(...factors.map((factor) => factor >> 4));
  const tallest = Math.max(...factors.map((factor) => factor & 15));
  const units = Math.ceil(width / 8 / widest) * Math.ceil(height / 8 / tallest);
  return units * factors.reduce((sum, factor) => sum + (factor >> 4) * (factor & 15), 0);
}

function blocks(width: number, height: number, factors: readonly number[]): number {
  const widest = Math.max(...factors.map((factor) => factor >> 4));
  const tallest = Math.max(...factors.map((factor) => factor & 15));
  return factors.reduce((sum, factor) => {
    const columns = Math.ceil((width * (factor >> 4)) / widest / 8);
    return sum + columns * Math.ceil((height * (factor & 15)) / tallest / 8);
  }, 0);
}

/** An upper bound: the marker may also occur by chance in metadata. */
function countScans(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1))
    if (bytes[at + 1] === 0xda) count++;
  return count;
}
