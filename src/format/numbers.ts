/**
 * Raw bytes to numbers, for the two formats that store plain arrays (npy and idx).
 * Types carry NumPy's names: a letter (f float, i signed, u unsigned, b boolean) and a width in bytes.
 */
import type { NumberArray } from '../array.js';
import { refuse } from '../errors.js';

const widths = {
  f2: 2,
  f4: 4,
  f8: 8,
  i1: 1,
  i2: 2,
  i4: 4,
  i8: 8,
  u1: 1,
  u2: 2,
  u4: 4,
  u8: 8,
  b1: 1,
} as const;

export type ElementType = keyof typeof widths;

export function isElementType(text: string): text is ElementType {
  return Object.hasOwn(widths, text);
}

/** Bytes of one element. */
export function elementWidth(type: ElementType): number {
  return widths[type];
}

/** Typed arrays use the byte order of the machine, files the order that they name. */
const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Decodes `bytes` (a whole number of elements) into a new array.
 * f2 becomes Float32Array (exact); i8 and u8 become Float64Array (exact, larger than 2^53 - 1 is refused);
 * b1 becomes Uint8Array of 0 and 1. `name` is the file, for the error.
 */
export function decodeNumbers(
  bytes: Uint8Array,
  type: ElementType,
  littleEndian: boolean,
  name: string,
): NumberArray {
  const width = elementWidth(type);
  const copy = new Uint8Array(bytes); // aligned, and independent of the caller's buffer, also for Node's Buffer
  if (littleEndian !== hostIsLittleEndian) reverseEach(copy, width);
  const buffer = copy.buffer;
  switch (type) {
    case 'f2':
      return halfFloats(new Uint16Array(buffer));
    case 'f4':
      return new Float32Array(buffer);
    case 'f8':
      return new Float64Array(buffer);
    case 'i1':
      return new Int8Array(buffer);
    case 'i2':
      return new Int16Array(buffer);
    case 'i4':
      return new Int32Array(buffer);
    case 'i8':
      return wideIntegers(new BigInt64Array(buffer), name);
    case 'u1':
      return copy;
    case 'u2':
      return new Uint16Array(buffer);
    case 'u4':
      return new Uint32Array(buffer);
    case 'u8':
      return wideIntegers(new BigUint64Array(buffer), name);
    case 'b1':
      return booleans(copy, name);
  }
}

function reverseEach(bytes: Uint8Array, width: number): void {
  for (let start = 0; start < bytes.length; start += width) {
    for (let low = start, high = start + width - 1; low < high; low++, high--) {
      const byte = bytes[low]!;
      bytes[low] = bytes[high]!;
      bytes[high] = byte;
    }
  }
}

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. Each value is exact in f4. */
function halfFloats(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

function wideIntegers(integers: BigInt64Array | BigUint64Array, name: string): Float64Array {
  const numbers = new Float64Array(integers.length);
  for (let i = 0; i < integers.length; i++) {
    const value = Number(integers[i]);
    if (!Number.isSafeInteger(value)) {
      refuse(
        'input',
        `${name}: element ${i} is ${integers[i]}, beyond 2^53 - 1, where 64-bit integers lose digits. Save as float64 or int32.`,
      );
    }
    numbers[i] = value;
  }
  return numbers;
}

function booleans(bytes: Uint8Array, name: string): Uint8Array {
  const wrong = bytes.findIndex((byte) => byte > 1);
  if (wrong >= 0) {
    refuse(
      'input',
      `${name}: element ${wrong} of a bool array is the byte ${bytes[wrong]}, not 0 or 1: damaged file.`,
    );
  }
  return bytes;
}
