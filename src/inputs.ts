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

function isArray(inputs: Inputs): inputs is NdArray {
  return 'shape' in inputs && 'data' in inputs && ArrayBuffer.isView((inputs as NdArray).data);
}

function byName(inputs: Inputs, specs: readonly InputSpec[]): NdArray[] {
  const names = specs.map(({ name }) => name).join(', ');
  if (isArray(inputs)) {
    if (specs.length === 1) return [inputs];
    refuse(
      'input',
      `The model takes ${specs.length} inputs: hand over one array for each of ${names} (an .npz).`,
    );
  }
  const entries: ReadonlyMap<string, NdArray> =
    inputs instanceof Map ? inputs : new Map(Object.entries(inputs as Record<string, NdArray>));
  if (specs.length === 1 && entries.size === 1) return [...entries.values()];
  return specs.map(({ name }) => {
    const array = entries.get(name);
    if (!array)
      refuse(
        'input',
        `No array for the model input '${name}'; given: ${[...entries.keys()].join(', ') || 'none'}; wanted: ${names}.`,
      );
    return array;
  });
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
