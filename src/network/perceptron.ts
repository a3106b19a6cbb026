/** Dense networks with ReLU between the layers, started as PyTorch starts them. */
import { stream, uniform } from '../random.js';
import { tf } from './tfjs.js';

/**
 * A multi-layer perceptron, linear at its end. Weights **and biases** are uniform in ±1/√fan_in, PyTorch's default (tfjs's
 * own differs and changes what the network learns); each number depends on seed, layer and place only.
 * @param widths of inputs, hidden layers and outputs
 */
export function perceptron(widths: readonly number[], seed: number): tf.LayersModel {
  const model = tf.sequential({
    layers: widths.slice(1).map((units, layer) =>
      tf.layers.dense({
        name: `dense_${layer + 1}`,
        units,
        ...(layer === 0 && { inputShape: [widths[0]] }),
        ...(layer + 2 < widths.length && { activation: 'relu' }),
        kernelInitializer: 'zeros',
        biasInitializer: 'zeros',
      }),
    ),
  });
  for (const [layer, { weights }] of model.layers.entries()) {
    const bound = 1 / Math.sqrt(widths[layer]);
    for (const [part, weight] of weights.entries()) {
      const key = stream(seed, layer, part);
      const { shape, size } = weight.read() as tf.Variable;
      const values = Float32Array.from({ length: size }, (_, i) => bound * (2 * uniform(key, i) - 1));
      const tensor = tf.tensor(values, shape);
      weight.write(tensor);
      tensor.dispose();
    }
  }
  return model;
}
