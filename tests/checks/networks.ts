/** Networks that the checks are made of, all weights drawn from a seed. */
import * as tf from '@tensorflow/tfjs';
import { randomise } from '../oracle/random.js';

export type Activation = 'linear' | 'tanh' | 'relu' | 'elu' | 'softplus' | 'sigmoid';
export type Chain = readonly { apply(x: tf.SymbolicTensor): unknown }[];

/** One input of a shape, through one layer after the other. */
export function stack(shape: readonly number[], seed: number, ...chain: Chain): tf.LayersModel {
  const x = tf.input({ shape: [...shape] });
  const y = chain.reduce((value, layer) => layer.apply(value) as tf.SymbolicTensor, x);
  return randomise(tf.model({ inputs: x, outputs: y }), seed);
}

/** Dense layers of these widths, the first being the number of inputs; the last layer is linear. */
export function perceptron(widths: readonly number[], activation: Activation, seed: number): tf.LayersModel {
  const [inputs, ...units] = widths;
  const layers = units.map((width, l) =>
    tf.layers.dense({ units: width, activation: l < units.length - 1 ? activation : 'linear' }),
  );
  return stack([inputs], seed, ...layers);
}
