/**
 * Adam (Kingma, Ba 2015) with bias correction, as PyTorch computes it:
 *     m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   w ← w − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 * in one loop over the values of each variable; tf.train.adam starts a dozen kernels for each. Moments are float32,
 * every element is computed in float64. New weights go to new memory: tfjs-wasm keeps packed copies of weights that it
 * multiplied with, and would not notice a change in place.
 */
import { refuse } from '../errors.js';
import { floats, type tf, uninitialisedTensor } from './tfjs.js';

/** PyTorch's defaults. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
/** Of a gradient: the means of squares are float32, and a weight whose mean overflowed would never move again. */
const LARGEST = 1e19;

/** What training needs to go on with the same bits: numbers of all variables in their order, one after the other. */
export interface AdamState {
  /** Steps done. */
  readonly steps: number;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

export class Adam {
  readonly #variables: readonly tf.Variable[];
  readonly #first: Float32Array;
  readonly #second: Float32Array;
  #steps = 0;

  /** @param variables float32, the caller's; they keep their identity and change their values */
  constructor(variables: readonly tf.Variable[]) {
    const size = variables.reduce((sum, variable) => sum + variable.size, 0);
    this.#variables = variables;
    this.#first = new Float32Array(size);
    this.#second = new Float32Array(size);
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** A copy of the state after the latest step. */
  get state(): AdamState {
    return { steps: this.#steps, first: this.#first.slice(), second: this.#second.slice() };
  }

  /** @throws NetkinError 'input' for a state of other variables */
  restore({ steps, first, second }: AdamState): void {
    const size = this.#first.length;
    if (first.length !== size || second.length !== size)
      refuse(
        'input',
        `The state of Adam has ${first.length} numbers, not ${size}: it is of another network.`,
      );
    this.#first.set(first);
    this.#second.set(second);
    this.#steps = steps;
  }

  /**
   * Takes one step. Call it within `tf.tidy`: the old weights and the handles of the new ones are freed with it.
   * @param gradients of the variables, by name
   * @throws NetkinError 'input' where a gradient is missing, not finite or above 1e19; no variable has changed then
   */
  step(gradients: tf.NamedTensorMap, learningRate: number): void {
    const found = this.#variables.map((variable) => gradientOf(variable, gradients));
    this.#steps += 1;
    const rate = learningRate / (1 - BETA1 ** this.#steps);
    const unbiased = 1 / Math.sqrt(1 - BETA2 ** this.#steps);
    let offset = 0;
    for (const [i, variable] of this.#variables.entries()) {
      // Made first: the heap may move when it grows.
      const next = uninitialisedTensor(variable.shape);
      const [old, gradient, target] = [floats(variable), floats(found[i]), floats(next)];
      const end = offset + variable.size;
      const moments = [this.#first.subarray(offset, end), this.#second.subarray(offset, end)] as const;
      move(old, gradient, ...moments, target, rate, unbiased);
      variable.assign(next);
      offset = end;
    }
  }
}

function move(
  old: Float32Array,
  gradient: Float32Array,
  first: Float32Array,
  second: Float32Array,
  target: Float32Array,
  rate: number,
  unbiased: number,
): void {
  for (let i = 0; i < old.length; i++) {
    const g = gradient[i];
    const m = BETA1 * first[i] + (1 - BETA1) * g;
    const v = BETA2 * second[i] + (1 - BETA2) * g * g;
    first[i] = m;
    second[i] = v;
    target[i] = old[i] - (rate * m) / (Math.sqrt(v) * unbiased + EPSILON);
  }
}

function gradientOf(variable: tf.Variable, gradients: tf.NamedTensorMap): tf.Tensor {
  const gradient = gradients[variable.name];
  if (!gradient || gradient.size !== variable.size)
    refuse('input', `Parameter '${variable.name}' has no gradient: the loss does not depend on it.`);
  // Not-a-number is not below anything.
  if (!floats(gradient).every((value) => Math.abs(value) <= LARGEST))
    refuse(
      'input',
      `The gradient of parameter '${variable.name}' is not finite, or too large to be squared: choose a smaller learning rate.`,
    );
  return gradient;
}
