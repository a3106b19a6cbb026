/** The self-check really fails where a gradient is wrong, says where, and leaves the weights bit for bit as they were. */
import * as tf from '@tensorflow/tfjs';
import { NetkinError, open } from 'netkin';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';
import { build, specimens } from '../oracle/zoo.js';

beforeAll(startWasm);

const { layers } = tf;
type Symbol = tf.SymbolicTensor;

function network(activation: 'tanh' | 'elu' | 'sigmoid'): tf.LayersModel {
  const x = tf.input({ shape: [5] });
  const hidden = layers.dense({ units: 6, activation, name: 'hidden' }).apply(x) as Symbol;
  const deeper = layers.dense({ units: 6, activation: 'softplus', name: 'deeper' }).apply(hidden) as Symbol;
  return randomise(
    tf.model({ inputs: x, outputs: layers.dense({ units: 2, name: 'last' }).apply(deeper) as Symbol }),
    3,
  );
}

/** Runs `body` while tfjs's gradient of a kernel is multiplied by `factor`. */
async function withWrongGradient(kernel: string, factor: number, body: () => Promise<void>): Promise<void> {
  const right = tf.getGradient(kernel);
  tf.unregisterGradient(kernel);
  tf.registerGradient({
    ...right,
    gradFunc: (dy, saved, attributes) => {
      const gradients = right.gradFunc(dy, saved, attributes);
      return Object.fromEntries(
        Object.entries(gradients).map(([name, make]) => [name, () => tf.mul(make(), factor)]),
      );
    },
  });
  try {
    await body();
  } finally {
    tf.unregisterGradient(kernel);
    tf.registerGradient(right);
  }
}

async function failure(attempt: () => Promise<unknown>): Promise<NetkinError> {
  try {
    await attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(NetkinError);
    return error as NetkinError;
  }
  throw new Error('The check passed.');
}

const bits = (model: tf.LayersModel) =>
  model.getWeights().map((weight) => [...new Uint32Array(weight.dataSync().slice().buffer)]);

describe('the self-check', () => {
  it.each([
    ['tanh', 'Tanh'],
    ['elu', 'Elu'],
    ['sigmoid', 'Sigmoid'],
  ] as const)('fails where the gradient of %s is wrong, and names the layer', async (activation, kernel) => {
    const model = network(activation);
    await withWrongGradient(kernel, 1.2, async () => {
      const before = [tf.memory().numTensors, bits(model)];
      const error = await failure(() => open(model));
      expect(error.code).toBe('check');
      expect(error.message).toContain("'hidden'");
      expect([tf.memory().numTensors, bits(model)]).toEqual(before);
      await using unchecked = await open(model, { check: false });
      expect(unchecked.network.check).toBeNull();
    });
    await using engine = await open(model);
    expect(engine.network.check?.layers).toEqual(['hidden', 'deeper', 'last']);
    model.dispose();
  });

  it.each([0, -1, 0.8])('fails where a gradient is multiplied by %d', async (factor) => {
    const model = network('tanh');
    await withWrongGradient('Softplus', factor, async () => {
      expect((await failure(() => open(model))).code).toBe('check');
    });
    model.dispose();
  });

  it('fails where one neuron of a layer is wrong', async () => {
    const model = network('tanh');
    const right = tf.getGradient('Tanh');
    tf.unregisterGradient('Tanh');
    const mask = tf.tensor1d([1, 1, 0, 1, 1, 1]);
    tf.registerGradient({
      ...right,
      gradFunc: (dy, saved, attributes) => ({
        x: () => tf.mul(right.gradFunc(dy, saved, attributes).x(), mask),
      }),
    });
    try {
      expect((await failure(() => open(model))).code).toBe('check');
    } finally {
      tf.unregisterGradient('Tanh');
      tf.registerGradient(right);
      mask.dispose();
    }
    model.dispose();
  });

  it.each(specimens)('passes on %s, leaving its weights bit for bit and no tensor behind', async (name) => {
    const { model } = build(name);
    const before = bits(model);
    const tensors = tf.memory().numTensors;
    await using engine = await open(model);
    expect(engine.network.check?.layers.length).toBeGreaterThan(0);
    expect(bits(model)).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    model.dispose();
  });

  it('passes on many seeds of a network full of kinks', async () => {
    for (let seed = 0; seed < 25; seed++) {
      const x = tf.input({ shape: [8, 8, 1] });
      const chain = [
        layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ units: 20, activation: 'relu' }),
        layers.dense({ units: 20, activation: 'relu' }),
        layers.dense({ units: 3, activation: 'softmax' }),
      ];
      const model = randomise(
        tf.model({ inputs: x, outputs: chain.reduce((y: Symbol, layer) => layer.apply(y) as Symbol, x) }),
        seed,
      );
      await using engine = await open(model);
      await engine.perspective(randomInputs(seed, [4, 8, 8, 1]));
      model.dispose();
    }
  });
});
