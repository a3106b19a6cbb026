/**
 * Decompression whose memory and time are bounded before it starts.
 *
 * A deflate stream can grow 1032-fold, so no reader here trusts what a file says about its own size:
 * the size must be possible for the compressed bytes, and below {@link expansionLimit}; the stream is fed in
 * small slices and abandoned as soon as it leaves its bound.
 */
import { Inflate } from 'fflate';
import { refuse } from '../errors.js';

const mebibyte = 2 ** 20;
const largestRatio = 1032; // deflate spends at least 2 bits on a match of 258 bytes
const slice = 2 ** 14; // bytes fed at once: bounds what one step can produce to 17 MB
const idleSlices = 8; // a stored block of 64 KiB may need 5 slices before it yields; silence beyond 8 is an ended stream

/**
 * How many bytes a compressed file may expand to in all:
 * 100 times its size, but at least 256 MiB and at most 2 GiB. Real arrays stay far below; zip bombs do not.
 */
export function expansionLimit(compressedBytes: number): number {
  return Math.min(2048 * mebibyte, Math.max(256 * mebibyte, 100 * compressedBytes));
}

/** Refuses a size that the compressed bytes cannot reach. */
function checkDeclaredSize(size: number, compressedBytes: number, name: string): void {
  if (size > expansionLimit(compressedBytes)) {
    refuse(
      'input',
      `${name} would expand from ${compressedBytes} to ${size} bytes, beyond the limit of ${expansionLimit(compressedBytes)} bytes (100-fold, at least 256 MiB, at most 2 GiB). Save it uncompressed.`,
    );
  }
  if (size > largestRatio * compressedBytes) {
    refuse(
      'input',
      `${name} declares ${size} bytes, more than its ${compressedBytes} compressed bytes can hold: damaged file.`,
    );
  }
}

/** Inflates a raw deflate stream that must yield exactly `size` bytes. */
export function inflateExact(compressed: Uint8Array, size: number, name: string): Uint8Array {
  checkDeclaredSize(size, compressed.length, name);
  const output = new Uint8Array(size);
  const produced = run(compressed, name, (chunk, filled) => {
    if (chunk.length > size - filled) {
      refuse(
        'input',
        `${name} expands to more than the ${size} bytes that it declares: damaged or hostile file.`,
      );
    }
    output.set(chunk, filled);
    return true;
  });
  if (produced !== size) {
    refuse(
      'input',
      `${name} is cut off: it expands to ${produced} of ${size} declared bytes. Copy the file again.`,
    );
  }
  return output;
}

/** The first `count` bytes of a raw deflate stream; fewer when the stream is shorter. */
export function inflateStart(compressed: Uint8Array, count: number, name: string): Uint8Array {
  const output = new Uint8Array(count);
  const produced = run(compressed, name, (chunk, filled) => {
    output.set(chunk.subarray(0, count - filled), filled);
    return filled + chunk.length < count;
  });
  return output.subarray(0, Math.min(count, produced));
}

/** Feeds slices until `receive` returns false or the stream ends; returns the bytes produced. */
function run(
  compressed: Uint8Array,
  name: string,
  receive: (chunk: Uint8Array, filled: number) => boolean,
): number {
  let chunk = new Uint8Array(0);
  const stream = new Inflate((bytes) => {
    chunk = bytes;
  });
  let filled = 0;
  let idle = 0;
  for (let start = 0; start < compressed.length; start += slice) {
    const end = Math.min(start + slice, compressed.length);
    try {
      stream.push(compressed.subarray(start, end), end === compressed.length);
    } catch (cause) {
      refuse(
        'input',
        `${name} cannot be decompressed: it is damaged or cut off. Copy the file again.`,
        cause,
      );
    }
    if (!receive(chunk, filled)) return filled + chunk.length;
    filled += chunk.length;
    idle = chunk.length === 0 ? idle + 1 : 0;
    if (idle > idleSlices)
      refuse('input', `${name} has bytes after its end: damaged file. Compress it again.`);
  }
  return filled;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++)
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

/** CRC-32 (IEEE 802.3), the checksum of zip, gzip and PNG. */
export function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) {
    remainder = (remainder >>> 8) ^ crcTable[(remainder ^ bytes[i]!) & 255]!;
  }
  return (remainder ^ 0xffffffff) >>> 0;
}
