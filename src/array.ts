/** Number arrays that netkin reads and writes: what NumPy calls an ndarray in C order. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** Numbers with a shape, row-major: the last index runs fastest. `data.length` is the product of `shape`. */
export interface NdArray<T extends NumberArray = NumberArray> {
  readonly shape: readonly number[];
  readonly data: T;
}

/** The number of elements that a shape holds; 1 for the empty shape. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
