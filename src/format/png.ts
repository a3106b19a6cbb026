/**
 * PNG files. fast-png undoes the filters; this file stands before it and checks what it trusts (sizes, checksums,
 * the length of the compressed pixels), hands it only the chunks that matter, and turns every kind of pixel that
 * PNG knows into 8-bit gray or RGB.
 */
import { type DecodedPng, decode } from 'fast-png';
import { refuse } from '../errors.js';
import type { Pixels } from './image.js';
import { crc32, inflateExact } from './inflate.js';
import { checkSize, type SizeLimit } from './size-limit.js';

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Compressed bytes beyond four for each byte of pixels: no encoder writes so many, blocks that yield nothing do. */
const mostWaste = 2 ** 16;

/** Samples per pixel and allowed depths, by colour type. */
const colourTypes: Readonly<Record<number, { samples: number; depths: readonly number[] }>> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};
/** Adam7: first column, first row, column step, row step of each pass. */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

/** @throws NetkinError 'input': damaged, cut off, over the limit, or interlaced below 8 bits */
export function readPng(bytes: Uint8Array, name: string, limit: SizeLimit): Pixels {
  const chunks = readChunks(bytes, name);
  const header = chunks.get('IHDR');
  const compressed = chunks.get('IDAT');
  if (header?.length !== 13 || compressed === undefined) damaged(name);
  const view = new DataView(header.buffer, header.byteOffset);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  checkSize(width, height, name, limit);
  const depth = header[8]!;
  const colour = header[9]!;
  const type = colourTypes[colour];
  if (!type?.depths.includes(depth) || header[10] !== 0 || header[11] !== 0 || header[12]! > 1) damaged(name);
  const interlaced = header[12] === 1;
  if (interlaced && depth < 8) {
    refuse(
      'input',
      `${name} is an interlaced PNG of ${depth} bits, which netkin does not read. Save it without interlacing.`,
    );
  }
  if (colour === 3 && !chunks.has('PLTE')) damaged(name);
  if (colour !== 3) chunks.delete('PLTE'); // in other types a mere suggestion for old screens
  // zlib wraps the deflate stream in 2 bytes before and 4 after.
  if (compressed.length < 6) damaged(name);
  const packed = packedLength(width, height, depth * type.samples, interlaced);
  if (compressed.length > 4 * packed + mostWaste) damaged(name);
  inflateExact(compressed.subarray(2, -4), packed, name);
  let png: DecodedPng;
  try {
    png = decode(join(chunks));
  } catch (cause) {
    damaged(name, cause);
  }
  return { width, height, ...toBytes(png, width, height, name) };
}

function damaged(name: string, cause?: unknown): never {
  refuse('input', `${name} is a damaged or cut off PNG image. Copy or convert it again.`, cause);
}

/** Content of the chunks that decide pixels; split image data joined. */
function readChunks(bytes: Uint8Array, name: string): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = new Map<string, Uint8Array>();
  const parts: Uint8Array[] = [];
  for (let offset = signature.length; ; ) {
    if (offset + 12 > bytes.length) damaged(name);
    const length = view.getUint32(offset);
    if (length > bytes.length - offset - 12) damaged(name);
    const content = bytes.subarray(offset + 8, offset + 8 + length);
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    if (offset === signature.length && type !== 'IHDR') damaged(name);
    if (['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'].includes(type)) {
      if (crc32(bytes.subarray(offset + 4, offset + 8 + length)) !== view.getUint32(offset + 8 + length))
        damaged(name);
      if (type === 'IEND') break;
      if (type === 'IDAT') parts.push(content);
      else if (chunks.has(type)) damaged(name);
      else chunks.set(type, content);
    }
    offset += 12 + length;
  }
  if (parts.length > 0) chunks.set('IDAT', concatenate(parts));
  return chunks;
}

/** A PNG of these chunks alone, in the order that the standard asks for; checksums stay 0, they are checked already. */
function join(chunks: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.from(signature)];
  for (const type of ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']) {
    const content = chunks.get(type);
    if (content === undefined && type !== 'IEND') continue;
    const frame = new Uint8Array(8);
    new DataView(frame.buffer).setUint32(0, content?.length ?? 0);
    frame.set(new TextEncoder().encode(type), 4);
    parts.push(frame, content ?? new Uint8Array(0), new Uint8Array(4));
  }
  return concatenate(parts);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Bytes of the filtered rows: one filter byte and the packed samples for each row of each pass. */
function packedLength(width: number, height: number, bitsPerPixel: number, interlaced: boolean): number {
  let bytes = 0;
  for (const [left, top, across, down] of interlaced ? passes : [[0, 0, 1, 1] as const]) {
    const columns = Math.ceil((width - left) / across);
    const rows = Math.ceil((height - top) / down);
    if (columns > 0 && rows > 0) bytes += rows * (1 + Math.ceil((columns * bitsPerPixel) / 8));
  }
  return bytes;
}

/** Any depth and kind of pixel as 8-bit gray or RGB on white; a palette is there only for indexed images. */
function toBytes(
  png: DecodedPng,
  width: number,
  height: number,
  name: string,
): Pick<Pixels, 'channels' | 'data'> {
  const { data, depth, channels: samples, palette, transparency: key } = png;
  const channels = palette !== undefined || samples >= 3 ? 3 : 1;
  const hasAlpha = samples === 2 || samples === 4;
  const scale = depth === 16 ? 1 / 257 : 255 / (2 ** depth - 1);
  const rowBytes = Math.ceil((width * depth) / 8); // of one sample per pixel, packed below 8 bits
  if (key !== undefined && key.length !== channels) damaged(name);
  const read = (pixel: number, sample: number): number => {
    if (depth >= 8) return data[pixel * samples + sample]!;
    const bit = (pixel % width) * depth;
    const byte = data[Math.floor(pixel / width) * rowBytes + (bit >> 3)]!;
    return (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  };
  const result = new Uint8Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const entry = palette === undefined ? undefined : (palette[read(pixel, 0)] ?? damaged(name));
    let alpha = entry?.[3] ?? (hasAlpha ? read(pixel, samples - 1) * scale : 255);
    if (key?.every((value, c) => read(pixel, c) === value)) alpha = 0; // the one colour declared transparent
    for (let c = 0; c < channels; c++) {
      const value = entry?.[c] ?? read(pixel, c) * scale;
      result[pixel * channels + c] = Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return { channels, data: result };
}
