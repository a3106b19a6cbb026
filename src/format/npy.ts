/**
 * NumPy's .npy files, format versions 1 to 3:
 * magic "\x93NUMPY", two version bytes, header length (u16, from version 2 on u32, little endian),
 * a Python dict of three literals, then the elements.
 */
import { elements, type NdArray, type NumberArray } from '../array.js';
import { refuse } from '../errors.js';
import { parseHeader } from './npy-header.js';
import { decodeNumbers, elementWidth } from './numbers.js';

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const longestHeader = 10_000; // NumPy's own bound against hostile headers
const headerAlignment = 64; // so that readers may map the elements into memory

/**
 * Reads one array. float16 becomes Float32Array, int64 and uint64 Float64Array (exact, or refused),
 * bool Uint8Array; every other type keeps its width. Fortran order is transposed to C order.
 * @param bytes the whole file
 * @param name the file, for errors
 * @throws NetkinError 'input': not an npy file, a type that is no number (object, string, complex, dates, records),
 * or another number of bytes than the header declares
 */
export function readNpy(bytes: Uint8Array, name: string): NdArray {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) {
    refuse(
      'input',
      `${name} is not a .npy file: it does not begin with \\x93NUMPY. Save it with numpy.save.`,
    );
  }
  const version = bytes[6]!;
  if (version < 1 || version > 3 || bytes[7] !== 0) {
    refuse(
      'input',
      `${name}: .npy version ${version}.${bytes[7]} is unknown; netkin reads 1.0, 2.0 and 3.0.`,
    );
  }
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) refuse('input', `${name} ends inside the .npy header: copy the file again.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > longestHeader) {
    refuse(
      'input',
      `${name}: the .npy header declares ${length} bytes; at most ${longestHeader} are plausible.`,
    );
  }
  if (start + length > bytes.length) {
    refuse('input', `${name} ends inside the .npy header (${bytes.length} of ${start + length} bytes).`);
  }
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(
    bytes.subarray(start, start + length),
  );
  const { type, littleEndian, fortranOrder, shape } = parseHeader(text, name);

  const content = bytes.subarray(start + length);
  const expected = elements(shape) * elementWidth(type);
  if (content.length !== expected) {
    const state = content.length < expected ? 'is cut off' : 'has bytes after its end';
    refuse(
      'input',
      `${name} ${state}: shape (${shape.join(', ')}) of ${type} needs ${expected} bytes, the file has ${content.length}. Save it again.`,
    );
  }
  const data = decodeNumbers(content, type, littleEndian, name);
  return { shape, data: fortranOrder ? rowMajor(data, shape) : data };
}

/** The elements of a column-major array, in row-major order. */
function rowMajor<T extends NumberArray>(columnMajor: T, shape: readonly number[]): T {
  const result = columnMajor.slice() as T;
  const strides: number[] = [];
  let stride = 1;
  for (const extent of shape) {
    strides.push(stride);
    stride *= extent;
  }
  const index = shape.map(() => 0);
  let source = 0; // kept equal to the sum of index[axis] * strides[axis]
  for (let target = 0; target < result.length; target++) {
    result[target] = columnMajor[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      source -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

/**
 * Writes version 1.0, little endian, C order; `numpy.load` opens it.
 * @throws NetkinError 'input' when `array.data` has another length than `array.shape` says
 */
export function writeNpy(array: NdArray): Uint8Array {
  const { shape, data } = array;
  if (elements(shape) !== data.length) {
    refuse('input', `An array of shape (${shape.join(', ')}) cannot hold ${data.length} elements.`);
  }
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '${descriptor(data)}', 'fortran_order': False, 'shape': (${extents}), }`;
  const start = Math.ceil((10 + header.length + 1) / headerAlignment) * headerAlignment;
  const bytes = new Uint8Array(start + data.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  bytes[6] = 1;
  view.setUint16(8, start - 10, true);
  bytes.set(new TextEncoder().encode(`${header.padEnd(start - 11)}\n`), 10);
  writeElements(view, start, data);
  return bytes;
}

function descriptor(data: NumberArray): string {
  if (data instanceof Float32Array) return '<f4';
  if (data instanceof Float64Array) return '<f8';
  if (data instanceof Int8Array) return '|i1';
  if (data instanceof Uint8Array) return '|u1';
  if (data instanceof Int16Array) return '<i2';
  if (data instanceof Uint16Array) return '<u2';
  if (data instanceof Int32Array) return '<i4';
  if (data instanceof Uint32Array) return '<u4';
  return data satisfies never;
}

/** Through a DataView, because the file is little endian whatever the machine is. */
function writeElements(view: DataView, start: number, data: NumberArray): void {
  const width = data.BYTES_PER_ELEMENT;
  for (let i = 0, offset = start; i < data.length; i++, offset += width) {
    const value = data[i]!;
    if (data instanceof Float32Array) view.setFloat32(offset, value, true);
    else if (data instanceof Float64Array) view.setFloat64(offset, value, true);
    else if (width === 1) view.setUint8(offset, value);
    else if (width === 2) view.setUint16(offset, value, true);
    else view.setUint32(offset, value, true);
  }
}
