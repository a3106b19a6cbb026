/**
 * A PNG of palette indices, written without compression: pure, tiny, and addressable.
 * Each image row is one stored deflate block, so pixel (row, column) is the byte at
 * `offset + row * (width + 6) + column`: the page's script reads values straight from the file.
 */
import type { Rgb } from './colour.js';

interface IndexedPng {
  /** `data:image/png;base64,…` */
  readonly uri: string;
  /** Position of the first pixel in the decoded file. */
  readonly offset: number;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const BLOCK_HEAD = 6; // 5 bytes of stored block, 1 of row filter
const ADLER_MODULUS = 65521;

/**
 * @param width in pixels, at most 65534: one row is one stored block
 * @param height in pixels
 * @param pixels palette index per pixel, shape (height, width)
 * @param palette at most 256 colours
 */
export function indexedPng(
  width: number,
  height: number,
  pixels: Uint8Array,
  palette: readonly Rgb[],
): IndexedPng {
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  head.set([8, 3, 0, 0, 0], 8); // 8 bits per pixel, indexed colour
  const before = [...SIGNATURE, ...chunk('IHDR', head), ...chunk('PLTE', Uint8Array.from(palette.flat()))];
  const file = Uint8Array.from([
    ...before,
    ...chunk('IDAT', storedRows(width, height, pixels)),
    ...chunk('IEND', new Uint8Array()),
  ]);
  const parts: string[] = [];
  for (let i = 0; i < file.length; i += 4096) parts.push(String.fromCharCode(...file.subarray(i, i + 4096)));
  return { uri: `data:image/png;base64,${btoa(parts.join(''))}`, offset: before.length + 8 + 2 + BLOCK_HEAD };
}

/** The zlib stream: two bytes of header, the rows, the Adler-32 sum of everything inside the blocks. */
function storedRows(width: number, height: number, pixels: Uint8Array): Uint8Array {
  const stride = width + BLOCK_HEAD;
  const stream = new Uint8Array(2 + height * stride + 4);
  const view = new DataView(stream.buffer);
  stream.set([0x78, 0x01]);
  let a = 1;
  let b = 0;
  for (let row = 0; row < height; row++) {
    const start = 2 + row * stride;
    stream[start] = row === height - 1 ? 1 : 0;
    view.setUint16(start + 1, width + 1, true);
    view.setUint16(start + 3, ~(width + 1) & 0xffff, true);
    stream.set(pixels.subarray(row * width, (row + 1) * width), start + BLOCK_HEAD);
    for (let i = start + BLOCK_HEAD - 1; i < start + stride; i++) {
      a = (a + stream[i]!) % ADLER_MODULUS;
      b = (b + a) % ADLER_MODULUS;
    }
  }
  view.setUint32(stream.length - 4, b * 65536 + a);
  return stream;
}

function chunk(name: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  bytes.set(
    Array.from(name, (letter) => letter.charCodeAt(0)),
    4,
  );
  bytes.set(body, 8);
  view.setUint32(body.length + 8, crc32(bytes.subarray(4, body.length + 8)));
  return bytes;
}

function crc32(bytes: Uint8Array): number {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
