/** One gzip member (RFC 1952): header with optional fields, a deflate stream, CRC-32 and size. */
import { refuse } from '../errors.js';
import { crc32, inflateExact, inflateStart } from './inflate.js';

const checksum = 2; // flag bits of RFC 1952, section 2.3.1
const extra = 4;
const fileName = 8;
const comment = 16;
const trailer = 8; // CRC-32 and size, 4 bytes each

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Decompresses a gzip file whose content announces its own length.
 * The size in the trailer is only compared, never used to allocate.
 * @param startLength bytes of the content that `sizeOf` needs to see
 * @param sizeOf the exact length of the content in bytes, from its first bytes; throws when they are wrong
 * @throws NetkinError 'input': damaged, cut off, several members, or beyond the expansion limit
 */
export function gunzip(
  bytes: Uint8Array,
  name: string,
  startLength: number,
  sizeOf: (start: Uint8Array) => number,
): Uint8Array {
  const compressed = bytes.subarray(headerLength(bytes, name), bytes.length - trailer);
  const size = sizeOf(inflateStart(compressed, startLength, name));
  const content = inflateExact(compressed, size, name);
  const view = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - trailer, trailer);
  if (view.getUint32(4, true) !== content.length % 2 ** 32 || view.getUint32(0, true) !== crc32(content)) {
    refuse(
      'input',
      `${name} fails its gzip checksum: it is damaged or made of several gzip files. Compress it again.`,
    );
  }
  return content;
}

function headerLength(bytes: Uint8Array, name: string): number {
  const flags = bytes[3] ?? 0;
  let end = 10;
  if (flags & extra) end += 2 + (bytes[end] ?? 0) + 256 * (bytes[end + 1] ?? 0);
  for (const field of [fileName, comment]) {
    if (!(flags & field)) continue;
    const zero = bytes.indexOf(0, end);
    end = zero < 0 ? bytes.length : zero + 1;
  }
  if (flags & checksum) end += 2;
  if (bytes[2] !== 8 || flags > 31 || end + trailer > bytes.length) {
    refuse('input', `${name} has a damaged gzip header or is cut off. Compress it again.`);
  }
  return end;
}
