/** The gate between files and the network: finite numbers in the shape that the model takes. */
import { elements, type NdArray, type NumberArray } from '../array.js';
import { refuse } from '../errors.js';

/**
 * @param name the array, for the error
 * @throws NetkinError 'input' naming the first NaN or infinite element by its coordinates
 */
export function assertFinite(array: NdArray, name: string): void {
  const { shape, data } = array;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return;
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i]!)) continue;
    refuse(
      'input',
      `${name}: element [${coordinates(i, shape).join(', ')}] is ${data[i]}. Remove this example, or fill in the value.`,
    );
  }
}

function coordinates(position: number, shape: readonly number[]): number[] {
  const result: number[] = [];
  let rest = position;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    result.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return result;
}

/**
 * The same elements as n × inputShape, when that needs no guess: the example already has this shape, differs
 * only by axes of size 1 (28 × 28 for 28 × 28 × 1), or one side is flat (784 for 28 × 28 × 1 and the reverse;
 * flat rows are read row-major, channels last). The data are shared, never copied, and checked to be finite.
 * @param array n × example
 * @param name the array, for errors
 * @param inputShape the model's input without its batch axis
 * @throws NetkinError 'input' for no examples, another shape, or a NaN or infinite element
 */
export function matchShape<T extends NumberArray>(
  array: NdArray<T>,
  name: string,
  inputShape: readonly number[],
): NdArray<T> {
  const [count, ...example] = array.shape;
  const shown = `${name} has the shape ${times(array.shape)}`;
  if (count === undefined)
    refuse('input', `${name} is a single number. The model takes n × ${times(inputShape)}.`);
  if (count === 0) refuse('input', `${name} holds no examples (shape ${times(array.shape)}).`);
  const fits =
    elements(example) === elements(inputShape) &&
    (example.length === 1 || inputShape.length === 1 || same(withoutOnes(example), withoutOnes(inputShape)));
  if (!fits)
    refuse('input', `${shown}, the model takes n × ${times(inputShape)}. ${advice(array.shape, inputShape)}`);
  assertFinite(array, name);
  return { shape: [count, ...inputShape], data: array.data };
}

function advice(shape: readonly number[], inputShape: readonly number[]): string {
  const [, ...example] = shape;
  if (same(withoutOnes(shape), withoutOnes(inputShape)))
    return 'This is one example: add a first axis of size 1.';
  const last = inputShape.at(-1)!;
  if (inputShape.length > 1 && same(example, [last, ...inputShape.slice(0, -1)])) {
    return 'The channels come first: move them to the last axis (numpy.moveaxis(x, 1, -1)).';
  }
  if (elements(example) === elements(inputShape)) return 'The axes are in another order: transpose them.';
  const numbers = elements(example) === 1 ? '1 number' : `${elements(example)} numbers`;
  return `An example has ${numbers}, the model takes ${elements(inputShape)}: resize the examples, or take the model that belongs to them.`;
}

function times(shape: readonly number[]): string {
  return shape.length === 0 ? 'no axes' : shape.join(' × ');
}

function withoutOnes(shape: readonly number[]): number[] {
  return shape.filter((extent) => extent !== 1);
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}
