/** What a user of tfjs writes today: one `tf.variableGrads` per image, then one product of all rows. */
import { tf } from '../../src/network/tfjs.js';
import { OUTPUT } from './networks.js';

/** Images of the loop that is extrapolated: its time is proportional to the number of images. */
export const LOOPED = 60;

/** The gradients of one logit, image by image, for the first `count` images of 28 × 28. */
export function gradientLoop(model: tf.LayersModel, images: Float32Array, count: number): void {
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  for (let i = 0; i < count; i++) {
    tf.tidy(() => {
      const x = tf.tensor(images.slice(i * 784, (i + 1) * 784), [1, 28, 28, 1]);
      const { grads } = tf.variableGrads(
        () => tf.sum(tf.slice(model.apply(x) as tf.Tensor2D, [0, OUTPUT], [1, 1])) as tf.Scalar,
        variables,
      );
      for (const variable of variables) grads[variable.name]!.dataSync();
    });
  }
}

/** Seconds of tfjs's product of `size` gradient rows with themselves, once: it takes long and gigabytes. */
export function matrixProduct(size: number, parameters: number): number {
  const rows = tf.fill([size, parameters], 0.003) as tf.Tensor2D;
  const start = performance.now();
  tf.tidy(() => tf.matMul(rows, tf.transpose(rows)).dataSync());
  const seconds = (performance.now() - start) / 1000;
  rows.dispose();
  return seconds;
}
