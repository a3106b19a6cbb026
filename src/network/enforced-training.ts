/**
 * Training of a classifier by cross-entropy, with or without a similarity term (method, section 6): one walk of our own for
 * both gradients, one fused step of Adam. A step with the term costs less than three without.
 */
import { refuse } from '../errors.js';
import { Adam, type AdamState } from './adam.js';
import type { SimilarityRequest } from './second-order/request.js';
import { SimilarityLoss } from './second-order/similarity-loss.js';
import { floats, tf } from './tfjs.js';

/** What one step saw, before it moved. */
export interface EnforcedStep {
  /** Mean cross-entropy of the batch. */
  readonly loss: number;
  /** Mean similarity of the pairs or sets; null where none were asked for. */
  readonly similarity: number | null;
}

/** Weights, then the state of Adam: all that later steps depend on. */
export interface EnforcedState extends AdamState {
  readonly weights: Float32Array;
}

export class EnforcedTraining {
  readonly #shape: readonly number[];
  readonly #variables: readonly tf.Variable[];
  readonly #term: SimilarityLoss;
  readonly #adam: Adam;

  /**
   * @param model one input of fixed shape and one output, logits or their softmax; it stays the caller's
   * @throws NetkinError 'unsupported' for other models
   */
  constructor(kernelModule: WebAssembly.Module, model: tf.LayersModel) {
    if (model.inputs.length !== 1 || model.outputs.length !== 1)
      refuse('unsupported', 'Only models of one input and one output can be trained with similarity.');
    this.#shape = model.inputs[0].shape.slice(1) as number[];
    if (this.#shape.some((extent) => extent === null))
      refuse('unsupported', 'Only models with inputs of fixed shape can be trained with similarity.');
    this.#term = new SimilarityLoss(kernelModule, model);
    this.#variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    this.#adam = new Adam(this.#variables);
  }

  /**
   * Compares the slope of the similarity with finite differences: once, before the first step.
   * @throws NetkinError 'check' naming the layer and its ops where it is not confirmed
   */
  check(inputs: Float32Array, request: SimilarityRequest): void {
    tf.tidy(() => this.#term.check(this.#tensor(inputs), request));
  }

  /**
   * One step of Adam.
   * @param inputs batch × input shape
   * @param classes class of each example
   * @throws NetkinError 'input' where a gradient is not finite; the weights have not changed then
   */
  step(
    inputs: Float32Array,
    classes: ArrayLike<number>,
    learningRate: number,
    request: SimilarityRequest | null,
  ): EnforcedStep {
    let step: EnforcedStep = { loss: 0, similarity: null };
    tf.tidy(() => {
      const batch = this.#tensor(inputs);
      const loss = { classes };
      if (request) {
        const { gradients, ...found } = this.#term.gradient(batch, request, loss);
        this.#adam.step(gradients, learningRate);
        step = { loss: found.loss, similarity: found.similarity };
      } else {
        const { gradients, ...found } = this.#term.lossGradient(batch, loss);
        this.#adam.step(gradients, learningRate);
        step = { loss: found.loss, similarity: null };
      }
    });
    return step;
  }

  /** The similarity that a request asks for, without a step. */
  similarity(inputs: Float32Array, request: SimilarityRequest): number {
    let similarity = 0;
    tf.tidy(() => {
      similarity = this.#term.similarity(this.#tensor(inputs), request);
    });
    return similarity;
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#adam.steps;
  }

  get state(): EnforcedState {
    const weights = new Float32Array(this.#variables.reduce((sum, { size }) => sum + size, 0));
    let offset = 0;
    for (const variable of this.#variables) {
      weights.set(floats(variable), offset);
      offset += variable.size;
    }
    return { ...this.#adam.state, weights };
  }

  /** @throws NetkinError 'input' for the state of another network */
  restore(state: EnforcedState): void {
    this.#adam.restore(state);
    let offset = 0;
    tf.tidy(() => {
      for (const variable of this.#variables) {
        const values = state.weights.slice(offset, offset + variable.size);
        variable.assign(tf.tensor(values, variable.shape));
        offset += variable.size;
      }
    });
  }

  #tensor(inputs: Float32Array): tf.Tensor {
    const size = this.#shape.reduce((product, extent) => product * extent, 1);
    return tf.tensor(inputs, [inputs.length / size, ...this.#shape]);
  }
}
