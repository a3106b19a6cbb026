/** From what the caller hands over to one float32 array per model input. */
import { elements, type NdArray, type NumberArray } from './array.js';
import { refuse } from './errors.js';
import { matchShape } from './format/check.js';
import type { InputSpec } from './network/network.js';

/**
 * Examples: an array n × input shape, or for a model with several inputs a record (or Map) of such arrays by input
 * name. Numbers are taken as they are: scale them as in training.
 */
export type Inputs = NdArray | Readonly<Record<string, NdArray>> | ReadonlyMap<string, NdArray>;

/** Arrays of one set, in the order of the model's inputs. */
export interface Examples {
  readonly size: number;
  readonly arrays: readonly NdArray<Float32Array>[];
}

/** @param source what the inputs are called in errors, such as a file */
export function examplesOf(
  inputs: Inputs,
  specs: readonly InputSpec[],
  source = 'The input array',
): Examples {
  const given = byName(inputs, specs);
  const arrays = specs.map(({ name, shape }, i) => {
    const title = specs.length === 1 ? source : `${source} '${name}'`;
    const array = given[i];
    if (array.data.length !== elements(array.shape)) {
      refuse('input', `${title} has the shape [${array.shape}] but holds ${array.data.length} numbers.`);
    }
    const example = array.shape.slice(1);
    // An axis that the model leaves open takes the extent of the examples, if they have as many axes.
    const target = shape.map((extent, axis) => extent ?? example[axis] ?? 0);
    return toFloat(matchShape(array, title, target), title);
  });
  const size = arrays[0].shape[0];
  arrays.forEach((array, i) => {
    if (array.shape[0] === size) return;
    refuse(
      'input',
      `Input '${specs[i].name}' holds ${array.shape[0]} examples, '${specs[0].name}' holds ${size}.`,
    );
  });
  return { size, arrays };
}

function byName(inputs: Inputs, specs: readonly InputSpec[]): NdArray[] {
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) {
    refuse('input', 'The inputs are no { shape, data } with a typed array, nor such arrays by input name.');
  }
  const names = specs.map(({ name }) => name).join(', ');
  if ('shape' in inputs && 'data' in inputs) {
    if (specs.length === 1) return [soundArray(inputs as NdArray, 'The input array')];
    refuse(
      'input',
      `The model takes ${specs.length} inputs: hand over one array for each of ${names} (an .npz).`,
    );
  }
  const entries: ReadonlyMap<string, NdArray> =
    inputs instanceof Map ? inputs : new Map(Object.entries(inputs as Record<string, NdArray>));
  if (specs.length === 1 && entries.size === 1) {
    return Array.from(entries, ([name, array]) => soundArray(array, `Input '${name}'`));
  }
  return specs.map(({ name }) => {
    const array = entries.get(name);
    if (array) return soundArray(array, `Input '${name}'`);
    const given = [...entries.keys()].join(', ') || 'none';
    return refuse('input', `No array for the model input '${name}'; given: ${given}; wanted: ${names}.`);
  });
}

/** Callers without types hand over anything: a shape of whole numbers and a typed array of numbers is wanted. */
function soundArray(array: NdArray, title: string): NdArray {
  const { shape, data } = (array ?? {}) as Partial<NdArray>;
  const whole = Array.isArray(shape) && shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
  if (!whole) refuse('input', `${title} has no shape of whole numbers.`);
  const big = data instanceof BigInt64Array || data instanceof BigUint64Array;
  if (!ArrayBuffer.isView(data) || data instanceof DataView || big) {
    const advice = big
      ? 'convert its numbers with Float64Array.from(data, Number)'
      : 'such as a Float32Array';
    refuse('input', `The data of ${title.toLowerCase()} are no typed array of numbers; ${advice}.`);
  }
  return array;
}

function toFloat(array: NdArray<NumberArray>, title: string): NdArray<Float32Array> {
  if (array.data instanceof Float32Array) return array as NdArray<Float32Array>;
  const data = Float32Array.from(array.data);
  const far = data.findIndex((value) => !Number.isFinite(value));
  if (far >= 0) refuse('input', `${title}: ${array.data[far]} at position ${far} does not fit float32.`);
  return { shape: array.shape, data };
}

/** Inputs `first` to before `last` of a set; views, not copies. */
export function slice(
  arrays: readonly NdArray<Float32Array>[],
  first: number,
  last: number,
): NdArray<Float32Array>[] {
  return arrays.map(({ shape, data }) => {
    const size = data.length / shape[0];
    return { shape: [last - first, ...shape.slice(1)], data: data.subarray(first * size, last * size) };
  });
}
