/**
 * Orbits: every input with transformed copies of it, one set each, for training that is told what counts as the same
 * (method, section 6). Where augmentation shows a network the copies one by one, enforcing similarity says that they belong
 * together. Every number drawn depends on seed, input and copy only.
 */
import { elements, type NdArray } from '../array.js';
import { refuse } from '../errors.js';
import { stream, uniform } from '../random.js';

/**
 * A transformation of one input.
 * @param values of the input, row-major; not to be changed
 * @param shape of the input
 * @param draw uniform numbers in [0, 1), new ones for each copy
 * @returns as many values
 */
export type Transformation = (
  values: Float32Array,
  shape: readonly number[],
  draw: () => number,
) => Float32Array;

export interface Orbits {
  /** n · (1 + copies) inputs: each one, then its copies. */
  readonly inputs: NdArray<Float32Array>;
  /** For each input the places of it and its copies. */
  readonly sets: number[][];
}

/**
 * @param inputs n × input shape
 * @param copies of each input, at least 1
 * @throws NetkinError 'usage' for fewer copies, or a transformation that returns another number of values
 */
export function orbits(
  inputs: NdArray<Float32Array>,
  transformation: Transformation,
  copies: number,
  seed: number,
): Orbits {
  if (!Number.isInteger(copies) || copies < 1)
    refuse('usage', `An orbit has at least 1 copy, not ${copies}.`);
  const [size, ...shape] = inputs.shape;
  const width = elements(shape);
  const members = copies + 1;
  const data = new Float32Array(size * members * width);
  for (let input = 0; input < size; input++) {
    const values = inputs.data.subarray(input * width, (input + 1) * width);
    data.set(values, input * members * width);
    for (let copy = 1; copy < members; copy++) {
      const key = stream(seed, input, copy);
      let drawn = 0;
      const made = transformation(values, shape, () => uniform(key, drawn++));
      if (made.length !== width)
        refuse('usage', `The transformation returned ${made.length} values for an input of ${width}.`);
      data.set(made, (input * members + copy) * width);
    }
  }
  const sets = Array.from({ length: size }, (_, input) =>
    Array.from({ length: members }, (_, member) => input * members + member),
  );
  return { inputs: { shape: [size * members, ...shape], data }, sets };
}

/** Shifts an image (height × width × channels) by up to `cells` whole cells along both axes. */
export function shift(cells: number): Transformation {
  if (!Number.isInteger(cells) || cells < 1)
    refuse('usage', `A shift of ${cells} cells: give a whole number, at least 1.`);
  return (values, shape, draw) => {
    const [down, across] = [draw(), draw()].map((number) => Math.floor(number * (2 * cells + 1)) - cells);
    return sampled(values, shape, (row, column) => [row - down, column - across]);
  };
}

/** Turns an image about its centre by up to about `degrees` (below 90), between cells by linear interpolation. */
export function rotation(degrees: number): Transformation {
  if (!(degrees > 0 && degrees < 90))
    refuse('usage', `A rotation of ${degrees}°: give degrees between 0 and 90.`);
  return (values, shape, draw) => {
    // With t = tan(angle / 2), sine and cosine are quotients: the same bits in every JavaScript engine.
    const t = ((2 * draw() - 1) * degrees * Math.PI) / 360;
    const [cosine, sine] = [(1 - t * t) / (1 + t * t), (2 * t) / (1 + t * t)];
    const [middle, centre] = [(shape[0] - 1) / 2, (shape[1] - 1) / 2];
    return sampled(values, shape, (row, column) => [
      middle + cosine * (row - middle) - sine * (column - centre),
      centre + sine * (row - middle) + cosine * (column - centre),
    ]);
  };
}

/** Mirrors an image left to right: every copy, so that one copy is enough. */
export const flip: Transformation = (values, shape) =>
  sampled(values, shape, (row, column) => [row, shape[1] - 1 - column]);

/** Adds noise of this standard deviation to every value, uniform in ±√3 of it. */
export function noise(deviation: number): Transformation {
  if (!(deviation > 0 && deviation < Infinity))
    refuse('usage', `Noise of ${deviation}: give a positive number.`);
  const reach = Math.sqrt(3) * deviation;
  return (values, _, draw) => values.map((value) => value + reach * (2 * draw() - 1));
}

/** An image made of values at other places; what lies outside repeats the edge. */
function sampled(
  values: Float32Array,
  shape: readonly number[],
  from: (row: number, column: number) => readonly [number, number],
): Float32Array {
  if (shape.length !== 3)
    refuse(
      'usage',
      `Shifts, rotations and flips want images, height × width × channels, not inputs of shape [${shape}].`,
    );
  const [height, width, channels] = shape;
  const inside = (place: number, extent: number) => Math.min(Math.max(place, 0), extent - 1);
  const result = new Float32Array(values.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [y, x] = from(row, column);
      const [top, left] = [inside(y, height), inside(x, width)];
      const [first, start] = [Math.floor(top), Math.floor(left)];
      const [second, end] = [inside(first + 1, height), inside(start + 1, width)];
      const [low, right] = [top - first, left - start];
      for (let channel = 0; channel < channels; channel++) {
        const at = (r: number, c: number) => values[(r * width + c) * channels + channel];
        const above = at(first, start) * (1 - right) + at(first, end) * right;
        const below = at(second, start) * (1 - right) + at(second, end) * right;
        result[(row * width + column) * channels + channel] = above * (1 - low) + below * low;
      }
    }
  }
  return result;
}
