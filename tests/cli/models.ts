/** Small tfjs models on disk, for tests of the command line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { modelFiles } from '../model-files.js';

/** Saves a model as `folder/model.json` and `folder/weights.bin`; returns the path of the former. */
export async function saveModel(model: tf.LayersModel, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of await modelFiles(model)) writeFileSync(join(folder, name), bytes);
  return join(folder, 'model.json');
}

export async function startTfjs(): Promise<void> {
  await tf.setBackend('wasm');
  await tf.ready();
}

/** Weights that depend on the seed only. */
function seeded(seed: number) {
  return {
    kernelInitializer: tf.initializers.randomNormal({ stddev: 0.5, seed }),
    biasInitializer: tf.initializers.randomNormal({ stddev: 0.1, seed: seed + 1 }),
  };
}

/** 4 → 6 → 3 classes, ended by a softmax. */
export function classifier(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.dense({ name: 'hidden', inputShape: [4], units: 6, activation: 'tanh', ...seeded(1) }),
      tf.layers.dense({ name: 'output', units: 3, activation: 'softmax', ...seeded(3) }),
    ],
  });
}

/** 4 → 5 → 1, linear end. */
export function regressor(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.dense({ name: 'hidden', inputShape: [4], units: 5, activation: 'relu', ...seeded(5) }),
      tf.layers.dense({ name: 'output', units: 1, ...seeded(7) }),
    ],
  });
}

/** 6 × 5 × 3 images → 2 classes. */
export function convolutional(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        name: 'conv',
        inputShape: [6, 5, 3],
        filters: 4,
        kernelSize: 3,
        activation: 'relu',
        ...seeded(9),
      }),
      tf.layers.flatten({ name: 'flat' }),
      tf.layers.dense({ name: 'output', units: 2, activation: 'softmax', ...seeded(11) }),
    ],
  });
}

/** Two inputs, `left` of 2 and `right` of 3 numbers, side by side into one output. */
export function twoInputs(): tf.LayersModel {
  const left = tf.input({ name: 'left', shape: [2] });
  const right = tf.input({ name: 'right', shape: [3] });
  const both = tf.layers.concatenate().apply([left, right]) as tf.SymbolicTensor;
  const output = tf.layers
    .dense({ name: 'output', units: 2, ...seeded(13) })
    .apply(both) as tf.SymbolicTensor;
  return tf.model({ inputs: [left, right], outputs: output });
}

/** A ReLU that no input wakes: only the last bias still has a gradient. */
export function dead(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.dense({
        name: 'hidden',
        inputShape: [4],
        units: 5,
        activation: 'relu',
        kernelInitializer: 'zeros',
        biasInitializer: tf.initializers.constant({ value: -1 }),
      }),
      tf.layers.dense({ name: 'output', units: 1, ...seeded(7) }),
    ],
  });
}

/** 5 outputs that a frozen layer makes of 2: K(x,x) has rank 2 everywhere. */
export function dependent(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.dense({ name: 'hidden', inputShape: [4], units: 6, activation: 'tanh', ...seeded(1) }),
      tf.layers.dense({ name: 'few', units: 2, ...seeded(3) }),
      tf.layers.dense({ name: 'many', units: 5, trainable: false, ...seeded(5) }),
    ],
  });
}

/** Nothing to train. */
export function frozen(): tf.LayersModel {
  const model = classifier();
  model.trainable = false;
  for (const layer of model.layers) layer.trainable = false;
  return model;
}

export function recurrent(): tf.LayersModel {
  return tf.sequential({
    layers: [tf.layers.lstm({ name: 'memory', inputShape: [3, 2], units: 2 }), tf.layers.dense({ units: 1 })],
  });
}

export function embedding(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.embedding({ name: 'words', inputDim: 5, outputDim: 2, inputLength: 3 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1 }),
    ],
  });
}

export function separable(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.separableConv2d({ name: 'separable', inputShape: [6, 5, 3], filters: 2, kernelSize: 3 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1 }),
    ],
  });
}
