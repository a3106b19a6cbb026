/** D17: the audit of second derivatives, layer by layer and operation by operation. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { elementwise, Operation, positive } from '../network/operation.js';
import { startWasm } from '../oracle/random.js';
import { gathered, pairwise, pointwise } from '../oracle/tape.js';
import { secondOrderError } from './fixture.js';

beforeAll(startWasm);

const { layers } = tf;
type Chain = { apply(x: tf.SymbolicTensor): unknown }[];

/** A network with bent parameters before the layers in question, and parameters after them. */
function around(shape: number[], ...chain: Chain): tf.LayersModel {
  const x = tf.input({ shape });
  const y = chain.reduce((value, layer) => layer.apply(value) as tf.SymbolicTensor, x);
  const flat = y.shape.length > 2 ? (layers.flatten().apply(y) as tf.SymbolicTensor) : y;
  const bent = layers.dense({ units: 3, activation: 'tanh' }).apply(flat) as tf.SymbolicTensor;
  return tf.model({ inputs: x, outputs: layers.dense({ units: 2 }).apply(bent) as tf.SymbolicTensor });
}

const image = () => layers.conv2d({ filters: 2, kernelSize: 2, padding: 'same', activation: 'tanh' });
const series = () => layers.conv1d({ filters: 2, kernelSize: 2, padding: 'same', activation: 'tanh' });
const plain = () => layers.conv2d({ filters: 2, kernelSize: 2 });

const single: Record<string, () => tf.LayersModel> = {
  'dense without bias': () => around([4], layers.dense({ units: 4, useBias: false, activation: 'tanh' })),
  'dense over positions': () => around([3, 2], layers.dense({ units: 3, activation: 'tanh' })),
  'dense over positions without bias': () =>
    around([3, 2], layers.dense({ units: 3, activation: 'tanh', useBias: false })),
  'dense over two axes of positions': () => around([2, 2, 3], layers.dense({ units: 3, activation: 'tanh' })),
  'strided convolution': () =>
    around([5, 4, 2], image(), layers.conv2d({ filters: 2, kernelSize: [3, 2], strides: [2, 1] })),
  'strided convolution, same': () =>
    around([5, 4, 1], image(), layers.conv2d({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' })),
  'convolution with a filter smaller than its stride': () =>
    around([5, 4, 1], image(), layers.conv2d({ filters: 2, kernelSize: 1, strides: 2, padding: 'same' })),
  'convolution without bias': () =>
    around([3, 4, 2], image(), layers.conv2d({ filters: 2, kernelSize: 2, useBias: false })),
  'convolution over a series': () =>
    around([6, 2], series(), layers.conv1d({ filters: 2, kernelSize: 3, strides: 2, activation: 'sigmoid' })),
  prelu: () => around([4], layers.dense({ units: 4 }), layers.prelu()),
  'prelu with one slope per place': () => around([3, 2, 2], image(), layers.prelu()),
  'prelu with one slope per channel': () => around([3, 2, 2], image(), layers.prelu({ sharedAxes: [1, 2] })),
  'prelu with one slope per column and channel': () =>
    around([3, 2, 2], image(), layers.prelu({ sharedAxes: [1] })),
  'prelu with one slope': () => around([3, 2, 2], image(), layers.prelu({ sharedAxes: [1, 2, 3] })),
  'prelu of the inputs': () => around([4], layers.prelu(), layers.dense({ units: 4, activation: 'tanh' })),
  leakyReLU: () => around([4], layers.dense({ units: 4 }), layers.leakyReLU({ alpha: 0.1 })),
  'reLU with a ceiling': () => around([4], layers.dense({ units: 4 }), layers.reLU({ maxValue: 0.5 })),
  'elu with alpha': () => around([4], layers.dense({ units: 4 }), layers.elu({ alpha: 1 })),
  'softmax over channels inside': () => around([3, 2, 2], image(), layers.softmax({ axis: 3 })),
  'batch norm of a dense layer': () => around([4], layers.dense({ units: 4 }), layers.batchNormalization()),
  'batch norm of images': () => around([3, 2, 2], image(), layers.batchNormalization({ epsilon: 0.1 })),
  'batch norm of a series': () => around([4, 2], series(), layers.batchNormalization()),
  'batch norm of the inputs': () => around([3, 2, 2], layers.batchNormalization(), image()),
  'batch norm without scale': () => around([3, 2, 2], image(), layers.batchNormalization({ scale: false })),
  'batch norm without centre': () => around([3, 2, 2], image(), layers.batchNormalization({ center: false })),
  dropout: () => around([4], layers.dense({ units: 4, activation: 'tanh' }), layers.dropout({ rate: 0.5 })),
  reshape: () =>
    around(
      [3, 2, 2],
      image(),
      layers.reshape({ targetShape: [6, 2] }),
      layers.dense({ units: 2, activation: 'tanh' }),
    ),
  permute: () => around([3, 2, 2], image(), layers.permute({ dims: [3, 1, 2] }), plain()),
  'zero padding': () =>
    around(
      [3, 2, 1],
      image(),
      layers.zeroPadding2d({
        padding: [
          [1, 2],
          [0, 1],
        ],
      }),
      plain(),
    ),
  cropping: () =>
    around(
      [5, 4, 1],
      image(),
      layers.cropping2D({
        cropping: [
          [1, 2],
          [1, 0],
        ],
      }),
      plain(),
    ),
  'nearest upsampling': () => around([2, 2, 2], image(), layers.upSampling2d({ size: [2, 3] }), plain()),
  'max pool': () => around([4, 4, 2], image(), layers.maxPooling2d({ poolSize: 2 })),
  'max pool of overlapping windows, same': () =>
    around([5, 4, 1], image(), layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' })),
  'max pool over negative values': () =>
    around(
      [4, 4, 1],
      image(),
      layers.batchNormalization(),
      layers.maxPooling2d({ poolSize: [2, 3], strides: 1 }),
    ),
  'average pool': () => around([4, 4, 2], image(), layers.averagePooling2d({ poolSize: 2 })),
  'average pool with padding': () =>
    around([5, 3, 1], image(), layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' })),
  'pools of a series': () =>
    around(
      [7, 2],
      series(),
      layers.maxPooling1d({ poolSize: 2, strides: 1 }),
      layers.averagePooling1d({ poolSize: 2 }),
    ),
  'global max of images': () => around([3, 2, 2], image(), layers.globalMaxPooling2d({})),
  'global average of images': () => around([3, 2, 2], image(), layers.globalAveragePooling2d({})),
  'global max of a series': () => around([4, 2], series(), layers.globalMaxPooling1d()),
};

describe('the gradient of a similarity agrees with finite differences through', () => {
  it.each(Object.entries(single))('%s', (_, make) => {
    expect(secondOrderError(make(), 11)).toBeLessThan(1e-5);
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

describe('and through branches:', () => {
  it.each(Object.entries(merges))('%s of two and of three', (_, merge) => {
    for (const branches of [2, 3]) {
      const x = tf.input({ shape: [4] });
      const parts = Array.from(
        { length: branches },
        () => layers.dense({ units: 3, activation: 'tanh' }).apply(x) as tf.SymbolicTensor,
      );
      const joined = merge().apply(parts) as tf.SymbolicTensor;
      const bent = layers.dense({ units: 3, activation: 'softplus' }).apply(joined) as tf.SymbolicTensor;
      const y = layers.dense({ units: 2 }).apply(bent) as tf.SymbolicTensor;
      expect(secondOrderError(tf.model({ inputs: x, outputs: y }), 20 + branches)).toBeLessThan(1e-5);
    }
  });

  it('a dense layer and a convolution that are used twice', () => {
    const x = tf.input({ shape: [3, 3, 2] });
    const shared = layers.conv2d({ filters: 2, kernelSize: 2, padding: 'same', activation: 'tanh' });
    const twice = layers.flatten().apply(shared.apply(shared.apply(x))) as tf.SymbolicTensor;
    const wide = layers.dense({ units: 4, activation: 'tanh' });
    const start = layers.dense({ units: 4, activation: 'sigmoid' }).apply(twice);
    const y = layers.dense({ units: 2 }).apply(wide.apply(wide.apply(start))) as tf.SymbolicTensor;
    expect(secondOrderError(tf.model({ inputs: x, outputs: y }), 31)).toBeLessThan(1e-5);
  });

  it('two inputs, several outputs', () => {
    const [one, two] = [4, 3].map((width) => tf.input({ shape: [width] }));
    const shared = layers.dense({ units: 4, activation: 'tanh' });
    const joined = layers
      .concatenate()
      .apply([
        shared.apply(one),
        layers.dense({ units: 4, activation: 'elu' }).apply(two),
      ] as tf.SymbolicTensor[]);
    const middle = layers.dense({ units: 3, activation: 'sigmoid' }).apply(joined) as tf.SymbolicTensor;
    const y = layers.dense({ units: 2 }).apply(middle) as tf.SymbolicTensor;
    const model = tf.model({ inputs: [one, two], outputs: [y, middle] });
    expect(secondOrderError(model, 32, { output: [1] })).toBeLessThan(1e-5);
  });
});

const functions: Record<string, [(x: tf.Tensor) => tf.Tensor, ReturnType<typeof elementwise>]> = {
  Exp: [tf.exp, elementwise('exponential')],
  Log: [tf.log, elementwise('logarithm')],
  Abs: [(x) => tf.abs(x), elementwise('absolute')],
  Neg: [tf.neg, elementwise('negative')],
  Square: [tf.square, elementwise('square')],
  Sqrt: [tf.sqrt, elementwise('root')],
  Rsqrt: [tf.rsqrt, elementwise('inverseRoot')],
  Erf: [tf.erf, elementwise('errorFunction')],
  Pow: [
    (x) => tf.pow(x, 2.5),
    (tape, [x]) =>
      pointwise(
        tape,
        x,
        (v) => v ** 2.5,
        (v) => 2.5 * v ** 1.5,
      ),
  ],
  ClipByValue: [
    (x) => tf.clipByValue(x, 0.5, 0.9),
    (tape, [x]) =>
      pointwise(
        tape,
        x,
        (v) => Math.min(Math.max(v, 0.5), 0.9),
        (v) => (v > 0.5 && v < 0.9 ? 1 : 0),
      ),
  ],
  'RealDiv of a constant': [
    (x) => tf.div(2, x),
    (tape, [x]) =>
      pointwise(
        tape,
        x,
        (v) => 2 / v,
        (v) => -2 / v ** 2,
      ),
  ],
};

describe('and through', () => {
  it.each(Object.entries(functions))('%s', (_, [run, oracle]) => {
    expect(secondOrderError(positive(new Operation(([x]) => run(x), oracle)), 3)).toBeLessThan(1e-5);
  });

  it('a quotient of two branches', () => {
    const x = tf.input({ shape: [4] });
    const branches = [0, 1].map(
      () => layers.dense({ units: 3, activation: 'softplus' }).apply(x) as tf.SymbolicTensor,
    );
    const quotient = new Operation(
      ([a, b]) => tf.div(a, b),
      (tape, [a, b]) =>
        pairwise(
          tape,
          a,
          b,
          (p, q) => p / q,
          (p, q) => [1 / q, -p / q ** 2],
        ),
    ).apply(branches) as tf.SymbolicTensor;
    const y = layers.dense({ units: 2 }).apply(quotient) as tf.SymbolicTensor;
    expect(secondOrderError(tf.model({ inputs: x, outputs: y }), 8)).toBeLessThan(1e-5);
  });

  it('a product broadcast over positions, as in squeeze and excitation', () => {
    const x = tf.input({ shape: [3, 2, 2] });
    const start = image().apply(x) as tf.SymbolicTensor;
    const squeezed = layers.globalAveragePooling2d({}).apply(start) as tf.SymbolicTensor;
    const excited = layers.dense({ units: 2, activation: 'sigmoid' }).apply(squeezed) as tf.SymbolicTensor;
    const scaled = new Operation(
      ([a, b]) => tf.mul(a, tf.reshape(b, [-1, 1, 1, 2])),
      (tape, [a, b]) =>
        pairwise(
          tape,
          a,
          gathered(tape, b, a.shape, (i) => i % 2),
          (p, q) => p * q,
          (p, q) => [q, p],
        ),
    ).apply([start, excited]) as tf.SymbolicTensor;
    const flat = layers.flatten().apply(scaled) as tf.SymbolicTensor;
    const y = layers.dense({ units: 2 }).apply(flat) as tf.SymbolicTensor;
    expect(secondOrderError(tf.model({ inputs: x, outputs: y }), 9)).toBeLessThan(1e-5);
  });
});
