/** D19, D20: labels averaged in rounds by one network, and in rounds that train in between. */
import * as tf from '@tensorflow/tfjs';
import { correctInRounds, type LabelRows, open } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { denoise, exact } from '../oracle/kernels.js';
import { jacobians } from '../oracle/network.js';
import { noise, randomInputs, randomise, startWasm } from '../oracle/random.js';
import { build, given } from '../oracle/zoo.js';
import { distance, magnitude, printErrors, within } from './measure.js';

beforeAll(startWasm);
afterAll(printErrors);

const largest = (row: readonly number[]) => row.indexOf(Math.max(...row));

describe.each(['MLP, d = 1', 'MLP, d = 3, tanh', 'CNN with max-pool and softmax, d = 4'])('%s', (name) => {
  it('averages averages, and tells what each round changed', async () => {
    const specimen = build(name);
    await using engine = await open(specimen.model);
    const seen = await engine.perspective(given(specimen));
    const set = jacobians(specimen.model, specimen.inputs);
    const kernels = exact(set);
    const { outputs: d, size } = set;
    const classifier = engine.network.outputs[0]!.lookedThrough !== null;
    const next = noise(41);
    const ids = set.values.map(() => Math.floor(((next() + 1) / 2) * d));
    let rows = ids.map((id) =>
      Array.from({ length: d }, (_, c) => (classifier ? Number(c === id) : Math.fround(next()))),
    );
    const labels = classifier ? ids : { shape: [size, d], data: Float64Array.from(rows.flat()) };
    const found = await seen.correct(labels, 3);
    expect(found.undefinedAt).toEqual([]);
    expect(found.rounds.length).toBe(3);
    for (const { change, changed } of found.rounds) {
      const after = denoise(kernels, rows, rows).labels;
      const moved = Math.sqrt(distance2(after.flat(), rows.flat()) / (size * d));
      within('change of a round', name, Math.abs(change / moved - 1), 5e-3);
      expect(changed).toBe(
        classifier ? after.filter((row, i) => largest(row) !== largest(rows[i]!)).length : null,
      );
      rows = after;
    }
    within('labels after 3 rounds', name, distance(found.labels, rows.flat()) / magnitude(rows.flat()), 5e-3);
    // One round is what denoise gives.
    const { labels: once } = await seen.correct(labels, 1);
    expect(once).toEqual((await seen.denoise(labels)).labels);
    specimen.model.dispose();
  });
});

function distance2(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0);
}

it('keeps the labels of inputs without an average, and names them', async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1, useBias: false })] });
  await using engine = await open(model);
  // 0 and 1 cancel; 2 is alone; 3 has no gradient at all.
  const seen = await engine.perspective({ shape: [4, 2], data: Float32Array.of(1, 0, -1, 0, 0, 1, 0, 0) });
  const found = await seen.correct(Float32Array.of(1, 2, 3, 4), 2);
  expect(found.undefinedAt).toEqual([0, 1, 3]);
  expect([...found.labels]).toEqual([1, 2, 3, 4]);
  expect(found.rounds).toEqual([
    { change: 0, changed: null },
    { change: 0, changed: null },
  ]);
  const { covariance, predictions, scaled } = await seen.denoise(Float32Array.of(1, 2, 3, 4));
  expect([...covariance]).toEqual([NaN, NaN, 1, NaN]);
  expect([...scaled]).toEqual([NaN, NaN, 2, NaN]);
  expect([...predictions].map(Number.isNaN)).toEqual([true, true, false, true]);
  for (const rounds of [0, 1.5, NaN])
    await expect(seen.correct([1, 2, 3, 4], rounds)).rejects.toMatchObject({ code: 'usage' });
  await expect(seen.denoise([1, 2, 3, 4], { inputs: [] })).rejects.toThrow(/no input to denoise/);
  model.dispose();
});

describe('rounds with training in between', () => {
  const inputs = randomInputs(42, [9, 3]);
  const make = () =>
    randomise(tf.sequential({ layers: [tf.layers.dense({ inputShape: [3], units: 2 })] }), 43);

  it('train on the predictions of the round before', async () => {
    const model = make();
    const given: LabelRows[] = [];
    const labels = randomInputs(44, [9, 2]);
    const results = await correctInRounds({
      open,
      inputs,
      labels,
      rounds: 3,
      train: (rows, round) => {
        expect(round).toBe(given.length + 1);
        given.push({ shape: rows.shape, data: rows.data.slice() });
        rows.data.fill(9); // a copy
        const [kernel, bias] = model.layers[0]!.getWeights();
        model.layers[0]!.setWeights([tf.mul(kernel!, 0.5), bias!]);
        return model;
      },
    });
    expect(results.map(({ shape }) => shape)).toEqual([
      [9, 2],
      [9, 2],
      [9, 2],
    ]);
    expect(given[0]!.data).toEqual(labels.data);
    expect(given[1]!.data).toEqual(results[0]!.data);
    expect(given[2]!.data).toEqual(results[1]!.data);
    const last = tf.tidy(() => (model.predict(tf.tensor2d(inputs.data, [9, 3])) as tf.Tensor).dataSync());
    expect(distance(results[2]!.data, last)).toBeLessThan(1e-6);
    model.dispose();
  });

  it('keep the shape of the labels as it was when they began', async () => {
    const model = make();
    const labels = randomInputs(44, [9, 2]);
    const shape = [9, 2];
    const train = () => {
      shape[0] = 3;
      return model;
    };
    const [first] = await correctInRounds({ open, inputs, labels: { ...labels, shape }, rounds: 1, train });
    expect(first!.shape).toEqual([9, 2]);
    model.dispose();
  });

  it('refuse labels that are not n × d numbers, other widths and no rounds', async () => {
    const model = make();
    const options = { open, inputs, labels: randomInputs(44, [9, 2]), rounds: 1, train: () => model };
    await expect(correctInRounds({ ...options, rounds: 0 })).rejects.toMatchObject({ code: 'usage' });
    const ids = { shape: [9], data: new Float32Array(9) };
    await expect(correctInRounds({ ...options, labels: ids })).rejects.toThrow(/one-hot/);
    const large = { shape: [9, 2], data: new Float64Array(18).fill(1e39, 17) };
    await expect(correctInRounds({ ...options, labels: large })).rejects.toThrow(/finite in float32/);
    const wide = { shape: [9, 3], data: new Float32Array(27) };
    await expect(correctInRounds({ ...options, labels: wide })).rejects.toThrow(/\[9,2\]/);
    const signal = AbortSignal.abort();
    await expect(correctInRounds({ ...options, signal })).rejects.toMatchObject({ code: 'aborted' });
    model.dispose();
  });
});
