/** The fingerprint of a network: the same for the live model and whatever was saved of it, another after any change. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { fingerprint } from '../../src/network/fingerprint.js';
import { loadLayersModel } from '../../src/network/load.js';
import { run } from '../../src/watch.js';
import { modelFiles } from '../model-files.js';
import { randomise, startWasm } from '../oracle/random.js';
import { build, specimens } from '../oracle/zoo.js';

beforeAll(startWasm);

const digestOf = (model: tf.LayersModel) => run('fingerprint', fingerprint(model));

async function reloaded(model: tf.LayersModel): Promise<tf.LayersModel> {
  const files = await modelFiles(model);
  return loadLayersModel(files.get('model.json')!, 'model.json', async (path) => files.get(path)!);
}

it.each(specimens)('%s has one fingerprint, live, saved and reloaded, twice', async (name) => {
  const { model } = build(name);
  const digest = await digestOf(model);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  const once = await reloaded(model);
  const twice = await reloaded(once);
  expect([await digestOf(once), await digestOf(twice)]).toEqual([digest, digest]);
  for (const each of [model, once, twice]) each.dispose();
});

const { layers } = tf;
const make = (
  change: { activation?: 'relu' | 'tanh'; name?: string; units?: number; seed?: number } = {},
) => {
  const { activation = 'relu', name = 'hidden', units = 4, seed = 3 } = change;
  return randomise(
    tf.sequential({
      layers: [
        layers.dense({ name, units, activation, inputShape: [5] }),
        layers.batchNormalization({ name: 'norm' }),
        layers.dense({ name: 'end', units: 4 }),
      ],
    }),
    seed,
  );
};

it('does not depend on how weights were made, nor on what may be trained, nor on the name of the model', async () => {
  const plain = make();
  const other = randomise(
    tf.sequential({
      name: 'another',
      layers: [
        layers.dense({
          name: 'hidden',
          units: 4,
          activation: 'relu',
          inputShape: [5],
          kernelInitializer: 'ones',
          kernelRegularizer: tf.regularizers.l2({ l2: 0.1 }),
        }),
        layers.batchNormalization({ name: 'norm' }),
        layers.dense({ name: 'end', units: 4 }),
      ],
    }),
    3,
  );
  other.layers[0].trainable = false;
  expect(await digestOf(other)).toBe(await digestOf(plain));
});

it('changes with one bit of one weight, an activation, a width, a name, and weights that change places', async () => {
  const model = make();
  const digests = [await digestOf(model)];
  // The variables themselves would change with the model.
  const weights = model.getWeights().map((weight) => tf.tensor(weight.dataSync().slice(), weight.shape));
  for (const which of weights.keys()) {
    const values = weights.map((weight) => weight.dataSync().slice());
    const bits = new Uint32Array(values[which].buffer);
    bits[bits.length - 1] ^= 1;
    const changed = values.map((data, i) => tf.tensor(data, weights[i].shape));
    model.setWeights(changed);
    digests.push(await digestOf(model));
    model.setWeights(weights);
    tf.dispose(changed);
  }
  expect(await digestOf(model)).toBe(digests[0]);
  const last = weights.length - 1;
  // gamma and beta, both of 4.
  model.setWeights(weights.map((weight, i) => (i === 2 ? weights[3] : i === 3 ? weights[2] : weight)));
  digests.push(await digestOf(model));
  for (const change of [{ activation: 'tanh' }, { name: 'other' }, { units: 6 }, { seed: 4 }] as const)
    digests.push(await digestOf(make(change)));
  expect(new Set(digests).size).toBe(1 + last + 1 + 1 + 4);
});

/** Computes from its seed, as hashed features and random projections do. */
class Projection extends tf.layers.Layer {
  static className = 'Projection';
  readonly #seed: number;
  constructor({ seed, ...config }: { seed: number; name?: string }) {
    super(config);
    this.#seed = seed;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mul([inputs].flat()[0], this.#seed);
  }
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), seed: this.#seed };
  }
}
tf.serialization.registerClass(Projection);

it('the seeds of dropout and initializers do not matter, that of a layer of somebody’s own does', async () => {
  const digest = async (middle: tf.layers.Layer) => {
    const end = layers.dense({ name: 'end', units: 2, kernelInitializer: 'ones' });
    const net = tf.sequential({ layers: [layers.inputLayer({ inputShape: [4], name: 'in' }), middle, end] });
    const found = await digestOf(net);
    net.dispose();
    return found;
  };
  const dropout = (seed: number) => digest(layers.dropout({ name: 'x', rate: 0.5, seed }));
  expect(await dropout(1)).toBe(await dropout(2));
  const projection = (seed: number) => digest(new Projection({ name: 'x', seed }));
  expect(await projection(1)).not.toBe(await projection(2));
  expect(await projection(1)).toBe(await projection(1));
});
