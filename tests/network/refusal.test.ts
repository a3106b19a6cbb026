/** What has no rule is refused by the names of the op and the layer; what cannot be compared, with the reason. */
import * as tf from '@tensorflow/tfjs';
import { NetkinError, open } from 'netkin';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';

beforeAll(startWasm);

const { layers } = tf;
type Symbol = tf.SymbolicTensor;

function chain(shape: number[], ...list: { apply(x: Symbol): unknown }[]): tf.LayersModel {
  const x = tf.input({ shape });
  return tf.model({
    inputs: x,
    outputs: list.reduce((value: Symbol, layer) => layer.apply(value) as Symbol, x),
  });
}

function dotOfActivities(): tf.LayersModel {
  const x = tf.input({ shape: [4, 3] });
  const [query, key] = ['query', 'key'].map((name) => layers.dense({ units: 5, name }).apply(x) as Symbol);
  const scores = layers.dot({ axes: [2, 2], name: 'attention' }).apply([query, key]) as Symbol;
  return tf.model({ inputs: x, outputs: layers.flatten().apply(scores) as Symbol });
}

const image = () => layers.conv2d({ filters: 2, kernelSize: 2 });
const unsupported: Record<string, [() => tf.LayersModel, RegExp]> = {
  'a recurrent layer': [
    () => chain([3, 2], layers.lstm({ units: 3, name: 'memory' }), layers.dense({ units: 1 })),
    /'memory'/,
  ],
  'a gated recurrent layer': [
    () => chain([3, 2], layers.gru({ units: 3, name: 'memory' }), layers.dense({ units: 1 })),
    /'memory'/,
  ],
  'an embedding': [
    () =>
      chain(
        [3],
        layers.embedding({ inputDim: 9, outputDim: 2, name: 'words' }),
        layers.flatten(),
        layers.dense({ units: 1 }),
      ),
    /'words'.*Gather/,
  ],
  'layer normalisation': [
    () =>
      chain(
        [5],
        layers.dense({ units: 4 }),
        layers.layerNormalization({ name: 'norm' }),
        layers.dense({ units: 1 }),
      ),
    /'norm'/,
  ],
  'separable convolution': [
    () =>
      chain(
        [5, 5, 2],
        layers.separableConv2d({ filters: 2, kernelSize: 2, name: 'apart' }),
        layers.flatten(),
        layers.dense({ units: 1 }),
      ),
    /'apart'.*Depthwise/,
  ],
  'depthwise convolution': [
    () =>
      chain(
        [5, 5, 2],
        layers.depthwiseConv2d({ kernelSize: 2, name: 'deep' }),
        layers.flatten(),
        layers.dense({ units: 1 }),
      ),
    /'deep'.*Depthwise/,
  ],
  'transposed convolution': [
    () =>
      chain(
        [5, 5, 2],
        layers.conv2dTranspose({ filters: 2, kernelSize: 2, name: 'up' }),
        layers.flatten(),
        layers.dense({ units: 1 }),
      ),
    /'up'.*Conv2DBackpropInput/,
  ],
  'dilated convolution': [
    () =>
      chain(
        [7, 7, 2],
        layers.conv2d({ filters: 2, kernelSize: 2, dilationRate: 2, name: 'holes' }),
        layers.flatten(),
        layers.dense({ units: 1 }),
      ),
    /'holes'.*Conv2D.*dilation/,
  ],
  'a product of activities': [dotOfActivities, /'attention'.*MatMul/],
  repetition: [
    () =>
      chain(
        [4],
        layers.dense({ units: 2 }),
        layers.repeatVector({ n: 3, name: 'again' }),
        layers.flatten(),
        layers.dense({ units: 1 }),
      ),
    /'again'.*Tile/,
  ],
  'three-dimensional convolution': [
    () =>
      chain(
        [4, 4, 4, 1],
        layers.conv3d({ filters: 2, kernelSize: 2, name: 'volume' }),
        layers.flatten(),
        layers.dense({ units: 1 }),
      ),
    /'volume'.*Conv3D/,
  ],
};

async function refusal(attempt: () => Promise<unknown>): Promise<NetkinError> {
  try {
    await attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(NetkinError);
    return error as NetkinError;
  }
  throw new Error('It was not refused.');
}

describe('an op without a rule', () => {
  it.each(Object.entries(unsupported))(
    '%s is refused by name, checked or not, and nothing leaks',
    async (_, [make, message]) => {
      const model = make();
      randomise(model, 3);
      const shape = model.inputs[0].shape.map((extent) => extent ?? 2);
      const attempt = async (check: boolean) => {
        await using engine = await open(model, { check });
        await engine.perspective(randomInputs(1, shape));
      };
      await refusal(() => attempt(true));
      const before = tf.memory().numTensors;
      for (const check of [true, false]) {
        const error = await refusal(() => attempt(check));
        expect(error.code).toBe('unsupported');
        expect(error.message).toMatch(message);
      }
      expect(tf.memory().numTensors).toBe(before);
      model.dispose();
    },
  );

  it('does not matter below the first chosen parameter', async () => {
    const frozen = layers.depthwiseConv2d({ kernelSize: 2, trainable: false });
    const model = randomise(
      chain([5, 5, 2], frozen, image(), layers.flatten(), layers.dense({ units: 2 })),
      4,
    );
    await using engine = await open(model);
    expect((await engine.perspective(randomInputs(1, [3, 5, 5, 2]))).size).toBe(3);
    model.dispose();
  });
});

describe('outputs that cannot be compared', () => {
  it('probabilities added up have no gradient', async () => {
    const total = layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones', trainable: false });
    const model = chain([4], layers.dense({ units: 3, activation: 'softmax' }), total);
    const error = await refusal(async () => {
      await using engine = await open(model);
      await engine.perspective(randomInputs(1, [9, 4]));
    });
    expect(error.code).toMatch(/input|model|usage/);
    expect(error.message).toMatch(/zero gradient|probabilities/i);
    model.dispose();
  });

  it("'all' outputs of a softmax depend on each other", async () => {
    const model = chain([4], layers.dense({ units: 3, activation: 'softmax', name: 'odds' }));
    const error = await refusal(() => open(model, { output: 'all' }));
    expect(error.code).toBe('usage');
    expect(error.message).toMatch(/'odds'.*logits/);
    model.dispose();
  });

  it('a network without trainable parameters, and one with weights that are no numbers', async () => {
    const model = chain([4], layers.dense({ units: 3 }));
    model.trainable = false;
    expect((await refusal(() => open(model))).message).toMatch(/no trainable parameter/);
    model.trainable = true;
    model.layers[1].setWeights([tf.fill([4, 3], NaN), tf.zeros([3])]);
    const error = await refusal(() => open(model));
    expect(error.code).toBe('model');
    expect(error.message).toMatch(/kernel.*NaN/);
    model.dispose();
  });
});
