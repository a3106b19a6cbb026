/** From what the caller hands over to one float32 array per model input. */
import { elements, type NdArray, type NumberArray } from './array.js';
import { refuse } from './errors.js';
import { matchShape } from './format/check.js';
import type { InputSpec } from './network/network.js';

/** An array of examples, n × input shape, row-major. */
export interface InputArray extends NdArray {
  /** Numbers are divided by this when they are used, default 1: bytes of images need not become float32 first. */
  readonly divisor?: number;
}

/**
 * Examples: an array n × input shape, or for a model with several inputs a record (or Map) of such arrays by input
 * name. Numbers are taken as they are unless there is a `divisor`: scale them as in training. Do not change them while
 * a perspective is in use: rows that do not fit into memory are captured again from them.
 */
export type Inputs = InputArray | Readonly<Record<string, InputArray>> | ReadonlyMap<string, InputArray>;

/** Arrays of one set, in the order of the model's inputs and in its shapes. */
export class Examples {
  readonly size: number;
  readonly arrays: readonly InputArray[];

  constructor(arrays: readonly InputArray[]) {
    this.size = arrays[0].shape[0];
    this.arrays = arrays;
  }

  /** Inputs `first` to before `last` as the network takes them. */
  slice(first: number, last: number): NdArray<Float32Array>[] {
    return this.arrays.map(({ shape, data, divisor = 1 }) => {
      const size = data.length / shape[0];
      const part = data.subarray(first * size, last * size);
      const ready = part instanceof Float32Array && divisor === 1;
      return { shape: [last - first, ...shape.slice(1)], data: ready ? part : divided(part, divisor) };
    });
  }
}

function divided(data: NumberArray, divisor: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) result[i] = data[i] / divisor;
  return result;
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
    const fitted = { ...matchShape(array, title, target), divisor: array.divisor ?? 1 };
    assertFloat(fitted, title);
    return fitted;
  });
  const size = arrays[0].shape[0];
  arrays.forEach((array, i) => {
    if (array.shape[0] === size) return;
    refuse(
      'input',
      `Input '${specs[i].name}' holds ${array.shape[0]} examples, '${specs[0].name}' holds ${size}.`,
    );
  });
  return new Examples(arrays);
}

function byName(inputs: Inputs, specs: readonly InputSpec[]): InputArray[] {
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) {
    refuse('input', 'The inputs are no { shape, data } with a typed array, nor such arrays by input name.');
  }
  const names = specs.map(({ name }) => name).join(', ');
  if ('shape' in inputs && 'data' in inputs) {
    if (specs.length === 1) return [soundArray(inputs as InputArray, 'The input array')];
    refuse(
      'input',
      `The model takes ${specs.length} inputs: hand over one array for each of ${names} (an .npz).`,
    );
  }
  const entries: ReadonlyMap<string, InputArray> =
    inputs instanceof Map ? inputs : new Map(Object.entries(inputs as Record<string, InputArray>));
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
function soundArray(array: InputArray, title: string): InputArray {
  const { shape, data, divisor = 1 } = (array ?? {}) as Partial<InputArray>;
  const whole = Array.isArray(shape) && shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
  if (!whole) refuse('input', `${title} has no shape of whole numbers.`);
  const big = data instanceof BigInt64Array || data instanceof BigUint64Array;
  if (!ArrayBuffer.isView(data) || data instanceof DataView || big) {
    const advice = big
      ? 'convert its numbers with Float64Array.from(data, Number)'
      : 'such as a Float32Array';
    refuse('input', `The data of ${title.toLowerCase()} are no typed array of numbers; ${advice}.`);
  }
  if (!(Number.isFinite(divisor) && divisor > 0))
    refuse('input', `The divisor of ${title.toLowerCase()} is ${divisor}; give a number above 0.`);
  return array;
}

/** Refuses numbers beyond float32. Integers fit, and so does what is float32 already. */
function assertFloat({ data, divisor = 1 }: InputArray, title: string): void {
  if (!(data instanceof Float64Array || (data instanceof Float32Array && divisor < 1))) return;
  const far = data.findIndex((value) => !Number.isFinite(Math.fround(value / divisor)));
  if (far >= 0) refuse('input', `${title}: ${data[far]} at position ${far} does not fit float32.`);
}
