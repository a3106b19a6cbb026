/** Layers made for the audit: each runs one function of tensors and brings its own oracle. */
import * as tf from '@tensorflow/tfjs';
import { activations } from '../oracle/activations.js';
import type { LayerRule } from '../oracle/layers.js';
import { pointwise } from '../oracle/tape.js';

const { layers } = tf;
type Symbol = tf.SymbolicTensor;

/** A layer that runs one function of tensors and brings its oracle. */
export class Operation extends tf.layers.Layer {
  static className = 'Operation';
  readonly oracle: LayerRule;
  readonly #run: (operands: tf.Tensor[]) => tf.Tensor;
  constructor(run: (operands: tf.Tensor[]) => tf.Tensor, oracle: LayerRule) {
    super({});
    this.#run = run;
    this.oracle = oracle;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => this.#run([inputs].flat()));
  }
  override computeOutputShape(shape: tf.Shape | tf.Shape[]): tf.Shape {
    const own = (Array.isArray(shape[0]) ? shape[0] : shape) as tf.Shape;
    const [probe] = [
      this.#run(
        Array.isArray(shape[0]) ? shape.map((s) => tf.ones(fixed(s as tf.Shape))) : [tf.ones(fixed(own))],
      ),
    ];
    return [null, ...probe.shape.slice(1)];
  }
}

const fixed = (shape: tf.Shape) => shape.map((extent) => extent ?? 1);
export const elementwise =
  (name: string): LayerRule =>
  (tape, [x]) =>
    pointwise(tape, x, activations[name].f, activations[name].slope);

/** dense (positive) → the operation → dense. */
export function positive(operation: Operation): tf.LayersModel {
  const x = tf.input({ shape: [5] });
  const start = layers.dense({ units: 6, activation: 'softplus' }).apply(x) as Symbol;
  return tf.model({
    inputs: x,
    outputs: layers.dense({ units: 2 }).apply(operation.apply(start) as Symbol) as Symbol,
  });
}

/** image → conv → the operation → flatten → dense. */
export function image(operation: Operation): tf.LayersModel {
  const x = tf.input({ shape: [4, 3, 2] });
  const start = layers
    .conv2d({ filters: 3, kernelSize: 2, padding: 'same', activation: 'tanh' })
    .apply(x) as Symbol;
  const flat = layers.flatten().apply(operation.apply(start) as Symbol) as Symbol;
  return tf.model({ inputs: x, outputs: layers.dense({ units: 2 }).apply(flat) as Symbol });
}
