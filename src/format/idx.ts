/**
 * IDX files, the format of MNIST: two zero bytes, a type byte, the number of axes, one big-endian u32 per axis,
 * then the elements, big endian.
 */
import { elements, type NdArray } from '../array.js';
import { refuse } from '../errors.js';
import { gunzip, isGzip } from './gzip.js';
import { decodeNumbers, type ElementType, elementWidth } from './numbers.js';

const types: Readonly<Record<number, ElementType>> = {
  8: 'u1',
  9: 'i1',
  11: 'i2',
  12: 'i4',
  13: 'f4',
  14: 'f8',
};
const longestHeader = 4 + 4 * 255; // the number of axes is one byte

/**
 * Reads one array; a gzipped file is recognised by its first bytes, whatever it is called.
 * @param bytes the whole file
 * @param name the file, for errors
 * @throws NetkinError 'input': no IDX file, another number of bytes than the header declares,
 * or a gzip file that expands beyond 100 times its size (at least 256 MiB, at most 2 GiB)
 */
export function readIdx(bytes: Uint8Array, name: string): NdArray {
  const plain = isGzip(bytes)
    ? gunzip(bytes, name, longestHeader, (start) => readHeader(start, name).fileLength)
    : bytes;
  const { type, shape, start, fileLength } = readHeader(plain, name);
  if (plain.length !== fileLength) {
    const state = plain.length < fileLength ? 'is cut off' : 'has bytes after its end';
    refuse(
      'input',
      `${name} ${state}: shape (${shape.join(', ')}) of ${type} needs ${fileLength} bytes with its header, the file has ${plain.length}. Copy it again.`,
    );
  }
  return { shape, data: decodeNumbers(plain.subarray(start), type, false, name) };
}

function readHeader(bytes: Uint8Array, name: string) {
  const type = types[bytes[2] ?? 0];
  const axes = bytes[3] ?? 0;
  if (bytes[0] !== 0 || bytes[1] !== 0 || type === undefined || axes === 0) {
    refuse('input', `${name} is not an IDX file: its first 4 bytes name no element type and number of axes.`);
  }
  const start = 4 + 4 * axes;
  if (bytes.length < start) refuse('input', `${name} ends inside its IDX header. Copy it again.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const fileLength = start + elements(shape) * elementWidth(type);
  if (!Number.isSafeInteger(fileLength)) {
    refuse(
      'input',
      `${name} declares the shape (${shape.slice(0, 8).join(', ')}…), which no file can hold: damaged file.`,
    );
  }
  return { type, shape, start, fileLength };
}
