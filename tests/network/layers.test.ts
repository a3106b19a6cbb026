/** D1: the audit of rules, layer by layer: captured gradients of every option against float64. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startWasm } from '../oracle/random.js';
import { auditError } from './fixture.js';

beforeAll(startWasm);

const { layers } = tf;
type Chain = { apply(x: tf.SymbolicTensor): unknown }[];

/** A network that has parameters before and after the layers in question. */
function around(shape: number[], ...chain: Chain): tf.LayersModel {
  const x = tf.input({ shape });
  const y = chain.reduce((value, layer) => layer.apply(value) as tf.SymbolicTensor, x);
  const flat = y.shape.length > 2 ? (layers.flatten().apply(y) as tf.SymbolicTensor) : y;
  return tf.model({ inputs: x, outputs: layers.dense({ units: 2 }).apply(flat) as tf.SymbolicTensor });
}

const image = () => layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'tanh' });
const series = () => layers.conv1d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'tanh' });
const names = [
  'linear',
  'relu',
  'relu6',
  'elu',
  'selu',
  'sigmoid',
  'hardSigmoid',
  'softplus',
  'softsign',
  'tanh',
  'swish',
  'mish',
  'gelu',
  'gelu_new',
  'softmax',
] as const;
type Name = Parameters<typeof layers.activation>[0]['activation'];

describe('an activation', () => {
  it.each(names)('%s inside a dense layer, on values large and small', (name) => {
    const activation = name as Name;
    expect(
      auditError(
        around([5], layers.dense({ units: 7, activation }), layers.dense({ units: 4, activation })),
        1,
      ),
    ).toBeLessThan(1e-5);
    expect(auditError(around([5], layers.dense({ units: 7, activation })), 2, 7, 9)).toBeLessThan(1e-4);
  });
  it.each(names)('%s inside a convolution', (name) => {
    const conv = layers.conv2d({ filters: 4, kernelSize: 2, activation: name as Name });
    expect(auditError(around([4, 5, 2], image(), conv), 3)).toBeLessThan(1e-5);
    expect(
      auditError(
        around([7, 2], series(), layers.conv1d({ filters: 4, kernelSize: 2, activation: name as Name })),
        4,
      ),
    ).toBeLessThan(1e-5);
  });
  it.each(names)('%s as a layer of its own', (name) => {
    const own = layers.activation({ activation: name as Name });
    expect(auditError(around([5], layers.dense({ units: 6 }), own), 5)).toBeLessThan(1e-5);
    expect(
      auditError(around([4, 4, 2], image(), layers.activation({ activation: name as Name })), 6),
    ).toBeLessThan(1e-5);
  });
});

const single: Record<string, () => tf.LayersModel> = {
  'dense without bias': () =>
    around(
      [5],
      layers.dense({ units: 6, useBias: false, activation: 'relu' }),
      layers.dense({ units: 3, useBias: false }),
    ),
  'dense over positions': () => around([4, 3], layers.dense({ units: 5, activation: 'tanh' })),
  'dense over two axes of positions': () => around([3, 2, 4], layers.dense({ units: 5, activation: 'tanh' })),
  'dense over positions without bias': () => around([4, 3], layers.dense({ units: 5, useBias: false })),
  prelu: () => around([5], layers.dense({ units: 6 }), layers.prelu()),
  'prelu with one slope per place': () => around([4, 3, 2], image(), layers.prelu()),
  'prelu with one slope per channel': () => around([4, 3, 2], image(), layers.prelu({ sharedAxes: [1, 2] })),
  'prelu with one slope per column and channel': () =>
    around([4, 3, 2], image(), layers.prelu({ sharedAxes: [1] })),
  'prelu with one slope': () => around([4, 3, 2], image(), layers.prelu({ sharedAxes: [1, 2, 3] })),
  'prelu over a series, shared': () => around([6, 2], series(), layers.prelu({ sharedAxes: [1] })),
  leakyReLU: () => around([5], layers.dense({ units: 6 }), layers.leakyReLU({ alpha: 0.1 })),
  'leakyReLU by default': () => around([5], layers.dense({ units: 6 }), layers.leakyReLU()),
  reLU: () => around([5], layers.dense({ units: 6 }), layers.reLU()),
  'reLU with a ceiling': () => around([5], layers.dense({ units: 6 }), layers.reLU({ maxValue: 0.5 })),
  'elu with alpha': () => around([5], layers.dense({ units: 6 }), layers.elu({ alpha: 1 })),
  'softmax inside': () => around([5], layers.dense({ units: 6 }), layers.softmax()),
  'softmax over channels inside': () => around([4, 3, 2], image(), layers.softmax({ axis: 3 })),
  'batch norm of a dense layer': () => around([5], layers.dense({ units: 6 }), layers.batchNormalization()),
  'batch norm of images': () => around([4, 3, 2], image(), layers.batchNormalization({ epsilon: 0.1 })),
  'batch norm of a series': () => around([6, 2], series(), layers.batchNormalization()),
  'batch norm of the inputs': () => around([4, 3, 2], layers.batchNormalization(), image()),
  'batch norm without scale': () => around([4, 3, 2], image(), layers.batchNormalization({ scale: false })),
  'batch norm without centre': () => around([4, 3, 2], image(), layers.batchNormalization({ center: false })),
  'batch norm without both': () =>
    around([4, 3, 2], image(), layers.batchNormalization({ center: false, scale: false })),
  dropout: () => around([5], layers.dense({ units: 6, activation: 'tanh' }), layers.dropout({ rate: 0.5 })),
  flatten: () => around([4, 3, 2], image(), layers.flatten(), layers.dense({ units: 3, activation: 'tanh' })),
  reshape: () =>
    around(
      [4, 3, 2],
      image(),
      layers.reshape({ targetShape: [6, 6] }),
      layers.dense({ units: 2, activation: 'tanh' }),
    ),
  permute: () =>
    around(
      [4, 3, 2],
      image(),
      layers.permute({ dims: [3, 1, 2] }),
      layers.conv2d({ filters: 2, kernelSize: 2 }),
    ),
  'zero padding': () =>
    around(
      [4, 3, 2],
      image(),
      layers.zeroPadding2d({
        padding: [
          [1, 2],
          [0, 3],
        ],
      }),
      layers.conv2d({ filters: 2, kernelSize: 3 }),
    ),
  cropping: () =>
    around(
      [6, 5, 2],
      image(),
      layers.cropping2D({
        cropping: [
          [1, 2],
          [2, 0],
        ],
      }),
      layers.conv2d({ filters: 2, kernelSize: 2 }),
    ),
  'nearest upsampling': () =>
    around(
      [3, 2, 2],
      image(),
      layers.upSampling2d({ size: [2, 3] }),
      layers.conv2d({ filters: 2, kernelSize: 2 }),
    ),
  'global max of images': () => around([4, 3, 2], image(), layers.globalMaxPooling2d({})),
  'global average of images': () => around([4, 3, 2], image(), layers.globalAveragePooling2d({})),
  'global max of a series': () => around([6, 2], series(), layers.globalMaxPooling1d()),
  'global average of a series': () => around([6, 2], series(), layers.globalAveragePooling1d({})),
};

describe('a layer', () => {
  it.each(Object.entries(single))('%s', (_, make) => {
    expect(auditError(make(), 11)).toBeLessThan(1e-5);
    expect(auditError(make(), 12, 1)).toBeLessThan(1e-5);
  });
});

const merges = {
  add: layers.add,
  average: layers.average,
  multiply: layers.multiply,
  maximum: layers.maximum,
  minimum: layers.minimum,
  concatenate: layers.concatenate,
};

describe('a merge of branches', () => {
  it.each(Object.entries(merges))('%s of two and of three', (_, merge) => {
    for (const branches of [2, 3]) {
      const x = tf.input({ shape: [4, 3, 2] });
      const parts = Array.from({ length: branches }, () => image().apply(x) as tf.SymbolicTensor);
      const joined = layers.flatten().apply(merge().apply(parts) as tf.SymbolicTensor) as tf.SymbolicTensor;
      const model = tf.model({
        inputs: x,
        outputs: layers.dense({ units: 2 }).apply(joined) as tf.SymbolicTensor,
      });
      expect(auditError(model, 20 + branches)).toBeLessThan(1e-5);
    }
  });
  it('add of a branch with itself', () => {
    const x = tf.input({ shape: [4] });
    const part = layers.dense({ units: 3, activation: 'tanh' }).apply(x) as tf.SymbolicTensor;
    const joined = layers.add().apply([part, part]) as tf.SymbolicTensor;
    const model = tf.model({
      inputs: x,
      outputs: layers.dense({ units: 2 }).apply(joined) as tf.SymbolicTensor,
    });
    expect(auditError(model, 30)).toBeLessThan(1e-5);
  });
  it('several outputs, one of them used by another', () => {
    const x = tf.input({ shape: [4] });
    const first = layers.dense({ units: 3, activation: 'tanh' }).apply(x) as tf.SymbolicTensor;
    const second = layers.dense({ units: 2 }).apply(first) as tf.SymbolicTensor;
    expect(auditError(tf.model({ inputs: x, outputs: [second, first] }), 31)).toBeLessThan(1e-5);
  });
});
