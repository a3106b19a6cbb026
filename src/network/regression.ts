/**
 * Fits a network to real targets, one batch after the other: gradients by tfjs's tape with our faster products, steps by
 * our {@link Adam}. The loss of a batch is the mean over its outputs of |ŷ − y| or (ŷ − y)².
 */
import { elements } from '../array.js';
import { refuse } from '../errors.js';
import { type Kernel, wasmKernel } from '../kernel/kernel.js';
import { Adam, type AdamState } from './adam.js';
import { floats, tf, tfjsMemory } from './tfjs.js';
import { installTransposedProducts } from './transposed.js';

export type RegressionLoss = 'absolute' | 'squared';

/** Weights, then the state of Adam: all that later steps depend on. */
export interface RegressionState extends AdamState {
  readonly weights: Float32Array;
}

export class Regression {
  readonly #model: tf.LayersModel;
  readonly #loss: RegressionLoss;
  readonly #kernels: Kernel;
  readonly #variables: readonly tf.Variable[];
  readonly #adam: Adam;

  /**
   * @param model it stays the caller's
   * @throws NetkinError 'unsupported' for a model of several inputs or outputs
   */
  constructor(kernelModule: WebAssembly.Module, model: tf.LayersModel, loss: RegressionLoss) {
    if (model.inputs.length !== 1 || model.outputs.length !== 1)
      refuse('unsupported', 'Only models of one input and one output can be fitted to targets.');
    this.#model = model;
    this.#loss = loss;
    this.#kernels = wasmKernel(kernelModule, tfjsMemory());
    this.#variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
    this.#adam = new Adam(this.#variables);
  }

  /**
   * One step of Adam; returns the loss before it.
   * @param inputs batch × input shape
   * @param targets batch × outputs
   * @throws NetkinError 'input' for sizes that are no batch, and where a gradient is not finite; the weights have not
   *   changed then
   */
  step(inputs: Float32Array, targets: Float32Array, learningRate: number): number {
    const [ins, outs] = [this.#model.inputs, this.#model.outputs].map(
      ([{ shape }]) => shape.slice(1) as number[],
    );
    const batch = inputs.length / elements(ins);
    // tfjs would broadcast one target to all inputs.
    if (!(Number.isInteger(batch) && batch > 0 && targets.length === batch * elements(outs)))
      refuse(
        'input',
        `${inputs.length} numbers of inputs and ${targets.length} of targets are no batch: each example has ${elements(ins)} and ${elements(outs)}.`,
      );
    // Installed for one step only: between steps others may use or train with the same tfjs.
    const undo = installTransposedProducts(this.#kernels);
    try {
      return tf.tidy((): number => {
        const x = tf.tensor(inputs, [batch, ...ins]);
        const y = tf.tensor(targets, [batch, ...outs]);
        const { value, grads } = tf.variableGrads(() => {
          const error = tf.sub(this.#model.apply(x, { training: true }) as tf.Tensor, y);
          return tf.mean(this.#loss === 'absolute' ? tf.abs(error) : tf.square(error));
        }, [...this.#variables]);
        this.#adam.step(grads, learningRate);
        return floats(value)[0];
      });
    } finally {
      undo();
    }
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#adam.steps;
  }

  get state(): RegressionState {
    return { ...this.#adam.state, weights: joined(this.#variables) };
  }

  /** @throws NetkinError 'input' for the state of another network */
  restore(state: RegressionState): void {
    const size = this.#variables.reduce((sum, variable) => sum + variable.size, 0);
    if (state.weights.length !== size)
      refuse(
        'input',
        `The state has ${state.weights.length} weights, not ${size}: it is of another network.`,
      );
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
}

function joined(tensors: readonly tf.Tensor[]): Float32Array {
  const values = new Float32Array(tensors.reduce((sum, { size }) => sum + size, 0));
  let offset = 0;
  for (const tensor of tensors) {
    values.set(floats(tensor), offset);
    offset += tensor.size;
  }
  return values;
}
