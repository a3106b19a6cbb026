/**
 * A small classifier for the demonstration, trained on tfjs-wasm with our gradient kernels. Everything random comes
 * from the seed: the same machine type gives the same network.
 */
import type { NdArray } from '../array.js';
import { wasmKernel } from '../kernel/kernel.js';
import { uniform } from '../random.js';
import { installRepairs } from './repairs.js';
import { tf, tfjsMemory } from './tfjs.js';

/** conv8 – pool – conv16 – pool – dense32 – softmax, for images height × width × channels. */
export function smallClassifier(shape: readonly number[], classes: number, seed: number): tf.LayersModel {
  const initial = (layer: number) => ({
    kernelInitializer: tf.initializers.glorotUniform({ seed: seed * 16 + layer }),
  });
  const convolution = { kernelSize: 3, padding: 'same', activation: 'relu' } as const;
  const { layers } = tf;
  return tf.sequential({
    layers: [
      layers.conv2d({ name: 'conv_1', filters: 8, inputShape: [...shape], ...convolution, ...initial(0) }),
      layers.maxPooling2d({ name: 'pool_1', poolSize: 2 }),
      layers.conv2d({ name: 'conv_2', filters: 16, ...convolution, ...initial(1) }),
      layers.maxPooling2d({ name: 'pool_2', poolSize: 2 }),
      layers.flatten({ name: 'flatten' }),
      layers.dense({ name: 'dense', units: 32, activation: 'relu', ...initial(2) }),
      layers.dense({ name: 'classes', units: classes, activation: 'softmax', ...initial(3) }),
    ],
  });
}

export interface TrainingOptions {
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly seed: number;
}

/** Trains a softmax classifier on class ids by cross-entropy and Adam; yields the share done. */
export function* trainClassifier(
  kernelModule: WebAssembly.Module,
  model: tf.LayersModel,
  inputs: NdArray<Float32Array>,
  labels: ArrayLike<number>,
  options: TrainingOptions,
): Generator<number, { readonly loss: number }> {
  const kernels = wasmKernel(kernelModule, tfjsMemory());
  const optimizer = tf.train.adam(options.learningRate);
  const [size, ...example] = inputs.shape;
  const width = inputs.data.length / size;
  const classes = model.outputs[0].shape[1]!;
  let loss = 0;
  try {
    for (let epoch = 0; epoch < options.epochs; epoch++) {
      const order = shuffled(size, options.seed + epoch);
      loss = 0;
      for (let first = 0; first < size; first += options.batch) {
        const chosen = order.slice(first, first + options.batch);
        const values = new Float32Array(chosen.length * width);
        chosen.forEach((input, row) => {
          values.set(inputs.data.subarray(input * width, (input + 1) * width), row * width);
        });
        // Installed for one step only: between steps others may use or train with the same tfjs.
        const undo = installRepairs(kernels);
        try {
          loss += tf.tidy(() => {
            const x = tf.tensor(values, [chosen.length, ...example]);
            const y = tf.oneHot(
              tf.tensor1d(
                chosen.map((input) => labels[input]),
                'int32',
              ),
              classes,
            );
            const cost = optimizer.minimize(() => {
              const probabilities = model.apply(x, { training: true }) as tf.Tensor;
              const logarithms = tf.log(tf.add(probabilities, 1e-7));
              return tf.neg(tf.mean(tf.sum(tf.mul(y, logarithms), -1))) as tf.Scalar;
            }, true)!;
            return cost.dataSync()[0] * (chosen.length / size);
          });
        } finally {
          undo();
        }
        yield (epoch + Math.min(1, (first + options.batch) / size)) / options.epochs;
      }
    }
    return { loss };
  } finally {
    optimizer.dispose();
  }
}

/** A permutation of 0 to size − 1: indices sorted by a random number of their own. */
function shuffled(size: number, seed: number): number[] {
  const keys = Float64Array.from({ length: size }, (_, i) => uniform(seed, i));
  return Array.from({ length: size }, (_, i) => i).sort((a, b) => keys[a] - keys[b] || a - b);
}
