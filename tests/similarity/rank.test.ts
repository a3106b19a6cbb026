/** D10: outputs that depend on each other linearly: K(x,x) is singular, and every measure says so in the same way. */
import * as tf from '@tensorflow/tfjs';
import { open } from 'netkin';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomInputs, randomise, startWasm } from '../oracle/random.js';
import { distance } from './measure.js';

beforeAll(startWasm);

/** 8 outputs that a frozen matrix makes of 4 functions: rank 4, without any two rows alike. */
function dependent(): tf.LayersModel {
  const { layers } = tf;
  const model = tf.sequential({
    layers: [
      layers.dense({ units: 40, activation: 'tanh', inputShape: [6] }),
      layers.dense({ units: 4 }),
      layers.dense({ units: 8, useBias: false, trainable: false }),
    ],
  });
  return randomise(model, 3);
}

describe('8 outputs of rank 4', () => {
  it('are reported, and k(x, x) is 4 of 8 everywhere', async () => {
    const model = dependent();
    await using engine = await open(model);
    const seen = await engine.perspective(randomInputs(4, [40, 6]));
    expect(seen.flags.singular).toHaveLength(40);
    const { data } = await seen.matrix();
    for (let i = 0; i < 40; i++) expect(data[i * 41]).toBe(0.5);
    expect(await seen.similarity(7, 7)).toBe(0.5);
    model.dispose();
  });

  it('have a soft density that is the sum of the matrix row', async () => {
    const model = dependent();
    await using engine = await open(model);
    const seen = await engine.perspective(randomInputs(4, [40, 6]));
    const density = await seen.density();
    const { data } = await seen.matrix();
    density.forEach((value, i) => {
      const row = data.subarray(i * 40, (i + 1) * 40).reduce((sum, k) => sum + k, 0);
      expect(Math.abs(value / row - 1)).toBeLessThan(5e-6);
    });
    model.dispose();
  });
});

it('tiny gradients are as similar as large ones: k^C has no scale', async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, activation: 'tanh', inputShape: [6] }),
      tf.layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
  randomise(model, 5);
  const inputs = randomInputs(6, [20, 6]);
  const [, , kernel] = model.getWeights();
  const measured: Float32Array[] = [];
  for (const shift of [0, -60]) {
    const shifted = tf.fill([1], shift);
    model.layers[1]!.setWeights([kernel!, shifted]);
    await using engine = await open(model, { check: false });
    const seen = await engine.perspective(inputs);
    expect(seen.flags.zero).toEqual([]);
    measured.push((await seen.matrix()).data);
  }
  expect(distance(measured[0]!, measured[1]!)).toBeLessThan(2e-6);
  model.dispose();
});

describe('inputs of open extent', () => {
  it('that give a layer another number of positions are refused, never compared wrongly', async () => {
    const { layers } = tf;
    const model = tf.sequential({
      layers: [
        layers.dense({ units: 20, activation: 'tanh', inputShape: [null, 6] }),
        layers.globalAveragePooling1d({}),
        layers.dense({ units: 2 }),
      ],
    });
    randomise(model, 7);
    await using engine = await open(model);
    const two = randomInputs(8, [4, 2, 6]);
    const one = randomInputs(9, [4, 1, 6]);
    expect((await engine.outputs(one)).shape).toEqual([4, 2]);
    const seen = await engine.perspective(two);
    await expect(seen.against(one)).rejects.toMatchObject({ code: 'input' });
    expect((await seen.against(two)).shape).toEqual([4, 4]);
    model.dispose();
  });
});
