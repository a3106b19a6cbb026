/** Products of rows of tensors, in float64. */
import { address, floats, type tf } from '../tfjs.js';

/** r_i · r_j of the rows of one set, size × size, in float64. */
export function gramOf(rows: tf.Tensor, first: number, size: number): Float64Array {
  const values = floats(rows);
  const width = rows.size / rows.shape[0];
  const gram = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const product = dot(values, (first + i) * width, values, (first + j) * width, width);
      gram[i * size + j] = product;
      gram[j * size + i] = product;
    }
  }
  return gram;
}

/** r_i · r_i of the rows of one set. */
export function squaresOf(rows: tf.Tensor, first: number, size: number): Float64Array {
  const values = floats(rows);
  const width = rows.size / rows.shape[0];
  return Float64Array.from({ length: size }, (_, i) => {
    const at = (first + i) * width;
    return dot(values, at, values, at, width);
  });
}

/** Element by element. */
export function product(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value * b[i]);
}

/** Byte address of a row. */
export function row(tensor: tf.Tensor, index: number): number {
  return address(tensor) + ((index * tensor.size) / tensor.shape[0]) * 4;
}

/** In float64, in four chains that the processor can overlap. */
export function dot(
  a: Float32Array,
  aStart: number,
  b: Float32Array,
  bStart: number,
  length: number,
): number {
  let [p, q, r, s] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 4 <= length; k += 4) {
    p += a[aStart + k] * b[bStart + k];
    q += a[aStart + k + 1] * b[bStart + k + 1];
    r += a[aStart + k + 2] * b[bStart + k + 2];
    s += a[aStart + k + 3] * b[bStart + k + 3];
  }
  for (; k < length; k++) p += a[aStart + k] * b[bStart + k];
  return p + q + (r + s);
}
