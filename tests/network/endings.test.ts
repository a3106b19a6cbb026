/** What a network ends with: one softmax, one per position, one inside that is not final. */
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { beforeAll, expect, it } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';

beforeAll(startWasm);
const { layers } = tf;

it('with a softmax per position, the loss is the sum of the positions’ cross-entropies', async () => {
  const model = randomise(
    tf.sequential({ layers: [layers.dense({ units: 3, activation: 'softmax', inputShape: [2, 4] })] }),
    1,
  );
  const inputs = randomInputs(2, [3, 2, 4]);
  const labels = {
    shape: [3, 6],
    data: Float32Array.from({ length: 18 }, (_, i) => Number(i % 3 === i % 2)),
  };
  await using engine = await open(model, { of: 'loss' });
  const { data } = (await engine.perspective(inputs, { labels })).selfKernels;
  // By hand: e = p − y at each position; the gradient is sum_t (x_t, 1) e_t^T.
  const probabilities = (model.predict(tf.tensor(inputs.data, [3, 2, 4])) as tf.Tensor).dataSync();
  for (let n = 0; n < 3; n++) {
    let square = 0;
    for (let t = 0; t < 2; t++) {
      for (let u = 0; u < 2; u++) {
        let a = 1;
        let b = 0;
        for (let k = 0; k < 4; k++) a += inputs.data[n * 8 + t * 4 + k]! * inputs.data[n * 8 + u * 4 + k]!;
        for (let c = 0; c < 3; c++) {
          const [at, other] = [n * 6 + t * 3 + c, n * 6 + u * 3 + c];
          b += (probabilities[at]! - labels.data[at]!) * (probabilities[other]! - labels.data[other]!);
        }
        square += a * b;
      }
    }
    expect(Math.abs(data[n]! / square - 1)).toBeLessThan(1e-5);
  }
  const seen = await (await open(model)).perspective(inputs);
  await expect(seen.suspects([0, 1, 2])).rejects.toMatchObject({ code: 'input' });
  model.dispose();
});

it('a softmax inside is differentiated, only the final one is looked through', async () => {
  const model = randomise(
    tf.sequential({
      layers: [
        layers.dense({ units: 5, activation: 'softmax', inputShape: [4] }),
        layers.dense({ units: 3, activation: 'softmax' }),
      ],
    }),
    3,
  );
  await using engine = await open(model);
  expect(engine.network.outputs[0]!.lookedThrough?.layer).toBe(model.layers[1]!.name);
  expect(engine.network.check!.stockDifference).toBeLessThan(1e-4);
  model.dispose();
});

it('outputs in another order give the same averages in that order', async () => {
  const model = randomise(
    tf.sequential({ layers: [layers.dense({ units: 3, activation: 'softmax', inputShape: [4] })] }),
    5,
  );
  const inputs = randomInputs(6, [12, 4]);
  const labels = Array.from({ length: 12 }, (_, i) => i % 3);
  const [given, turned] = await Promise.all(
    [
      [0, 1, 2],
      [2, 1, 0],
    ].map(async (output) => {
      await using engine = await open(model, { output });
      return (await engine.perspective(inputs)).denoise(labels);
    }),
  );
  for (let i = 0; i < 12; i++) {
    for (let c = 0; c < 3; c++) {
      expect(Math.abs(given!.labels[i * 3 + c]! - turned!.labels[i * 3 + 2 - c]!)).toBeLessThan(1e-5);
    }
  }
  model.dispose();
});
