/** The networks that the oracle tests run through: each a seeded model, its inputs, and what it is there for. */
import * as tf from '@tensorflow/tfjs';
import type { NdArray } from 'netkin';
import { randomInputs, randomise } from './random.js';

export interface Specimen {
  readonly name: string;
  readonly model: tf.LayersModel;
  /** One array per model input. */
  readonly inputs: readonly NdArray<Float32Array>[];
}

const { layers } = tf;
type Symbol = tf.SymbolicTensor;
const through = (start: Symbol, ...chain: { apply(x: Symbol): unknown }[]): Symbol =>
  chain.reduce((x, layer) => layer.apply(x) as Symbol, start);

function specimen(
  name: string,
  seed: number,
  inputs: Symbol[],
  output: Symbol,
  size: number,
  scale = 1,
): Specimen {
  const model = randomise(tf.model({ inputs, outputs: output }), seed);
  const arrays = inputs.map((input, i) =>
    randomInputs(seed + 100 + i, [size, ...(input.shape.slice(1) as number[])], scale),
  );
  return { name, model, inputs: arrays };
}

const makers: Readonly<Record<string, () => Specimen>> = {
  'linear, d = 1': () => {
    const x = tf.input({ shape: [5] });
    return specimen('linear, d = 1', 1, [x], through(x, layers.dense({ units: 1 })), 21);
  },
  'MLP, d = 1': () => {
    const x = tf.input({ shape: [6] });
    const y = through(
      x,
      layers.dense({ units: 17, activation: 'relu' }),
      layers.dense({ units: 9, activation: 'relu' }),
      layers.dense({ units: 1 }),
    );
    return specimen('MLP, d = 1', 2, [x], y, 40);
  },
  'MLP, d = 3, tanh': () => {
    const x = tf.input({ shape: [4] });
    const y = through(
      x,
      layers.dense({ units: 13, activation: 'tanh' }),
      layers.dense({ units: 8, activation: 'tanh' }),
      layers.dense({ units: 3 }),
    );
    return specimen('MLP, d = 3, tanh', 3, [x], y, 33);
  },
  'CNN with max-pool and softmax, d = 4': () => {
    const x = tf.input({ shape: [9, 9, 2] });
    const y = through(
      x,
      layers.conv2d({ filters: 5, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 6, kernelSize: 2, activation: 'relu', padding: 'same' }),
      layers.flatten(),
      layers.dense({ units: 4, activation: 'softmax' }),
    );
    return specimen('CNN with max-pool and softmax, d = 4', 4, [x], y, 27);
  },
  'residual net with batch norm, d = 3': () => {
    const x = tf.input({ shape: [6, 6, 2] });
    const stem = through(
      x,
      layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', useBias: false }),
      layers.batchNormalization(),
      layers.reLU(),
    );
    const branch = through(
      stem,
      layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', useBias: false }),
      layers.batchNormalization({ epsilon: 1e-2 }),
      layers.reLU(),
      layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }),
      layers.batchNormalization({ scale: false }),
    );
    const joined = layers.add().apply([stem, branch]) as Symbol;
    const y = through(joined, layers.reLU(), layers.globalAveragePooling2d({}), layers.dense({ units: 3 }));
    return specimen('residual net with batch norm, d = 3', 5, [x], y, 23);
  },
  'shared convolution and PReLU, d = 2': () => {
    const x = tf.input({ shape: [6, 5, 3] });
    const shared = layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same' });
    const slope = layers.prelu({ sharedAxes: [1, 2] });
    const once = through(x, shared, slope);
    const twice = through(once, shared, layers.prelu(), layers.flatten(), layers.dense({ units: 2 }));
    return specimen('shared convolution and PReLU, d = 2', 6, [x], twice, 22);
  },
  'two inputs, d = 2': () => {
    const image = tf.input({ shape: [5, 5, 1], name: 'picture' });
    const numbers = tf.input({ shape: [3], name: 'numbers' });
    const left = through(
      image,
      layers.conv2d({ filters: 3, kernelSize: 2, strides: 2, activation: 'elu' }),
      layers.flatten(),
    );
    const right = through(numbers, layers.dense({ units: 4, activation: 'sigmoid' }));
    const joined = layers.concatenate().apply([left, right]) as Symbol;
    return specimen(
      'two inputs, d = 2',
      7,
      [image, numbers],
      through(joined, layers.dense({ units: 2 })),
      25,
    );
  },
  'conv1d, then dense at every position': () => {
    const x = tf.input({ shape: [11, 2] });
    const y = through(
      x,
      layers.conv1d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'tanh' }),
      layers.dense({ units: 5, activation: 'swish' }),
      layers.maxPooling1d({ poolSize: 2 }),
      layers.dense({ units: 3 }),
      layers.globalAveragePooling1d({}),
    );
    return specimen('conv1d, then dense at every position', 8, [x], y, 26);
  },
  'siamese, d = 2': () => {
    const one = tf.input({ shape: [4], name: 'one' });
    const two = tf.input({ shape: [4], name: 'two' });
    const shared = layers.dense({ units: 6, activation: 'tanh' });
    const joined = layers.concatenate().apply([through(one, shared), through(two, shared)]) as Symbol;
    return specimen('siamese, d = 2', 9, [one, two], through(joined, layers.dense({ units: 2 })), 21);
  },
  'strided convolutions, same and valid': () => {
    const x = tf.input({ shape: [10, 7, 2] });
    const y = through(
      x,
      layers.conv2d({
        filters: 3,
        kernelSize: [4, 3],
        strides: [3, 2],
        padding: 'same',
        activation: 'softplus',
      }),
      layers.conv2d({
        filters: 5,
        kernelSize: [2, 2],
        strides: [2, 1],
        padding: 'valid',
        activation: 'selu',
      }),
      layers.flatten(),
      layers.dense({ units: 2 }),
    );
    return specimen('strided convolutions, same and valid', 10, [x], y, 24);
  },
  'average pooling with padding': () => {
    const x = tf.input({ shape: [7, 5, 2] });
    const y = through(
      x,
      layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'tanh' }),
      layers.averagePooling2d({ poolSize: [3, 2], strides: [2, 2], padding: 'same' }),
      layers.flatten(),
      layers.dense({ units: 2 }),
    );
    return specimen('average pooling with padding', 11, [x], y, 21);
  },
  'global max pool over negative values': () => {
    const x = tf.input({ shape: [6, 6, 1] });
    const y = through(
      x,
      layers.conv2d({ filters: 6, kernelSize: 3, activation: 'tanh' }),
      layers.globalMaxPooling2d({}),
      layers.dense({ units: 2 }),
    );
    return specimen('global max pool over negative values', 12, [x], y, 22);
  },
  'max pool over negative values, same': () => {
    const x = tf.input({ shape: [7, 7, 2] });
    const y = through(
      x,
      layers.conv2d({ filters: 4, kernelSize: 2, activation: 'linear' }),
      layers.batchNormalization(),
      layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      layers.conv2d({ filters: 4, kernelSize: 2, activation: 'tanh' }),
      layers.maxPooling2d({ poolSize: 2, strides: 1 }),
      layers.flatten(),
      layers.dense({ units: 3, activation: 'softmax' }),
    );
    return specimen('max pool over negative values, same', 13, [x], y, 29);
  },
  'wide dense, d = 1, several chunks of k': () => {
    const x = tf.input({ shape: [301] });
    const y = through(x, layers.dense({ units: 97, activation: 'relu' }), layers.dense({ units: 1 }));
    return specimen('wide dense, d = 1, several chunks of k', 14, [x], y, 37);
  },
};

export const specimens: readonly string[] = Object.keys(makers);

/** Builds a specimen; the caller disposes of its model. */
export function build(name: string): Specimen {
  return makers[name]();
}

/** The inputs in the form that `engine.perspective` takes. */
export function given({ model, inputs }: Specimen): NdArray | Record<string, NdArray> {
  if (inputs.length === 1) return inputs[0];
  return Object.fromEntries(inputs.map((array, i) => [model.inputNames[i], array]));
}
