/** Under- and overfitting, D21: labels among the nearest others, against the float64 twin. */
import * as tf from '@tensorflow/tfjs';
import { type Neighbours, open } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exact, neighbourhoodLabels, soft, traces } from '../oracle/kernels.js';
import { jacobians } from '../oracle/network.js';
import { noise, randomise, startWasm } from '../oracle/random.js';
import { build, given } from '../oracle/zoo.js';
import { distance, printErrors, within } from './measure.js';

beforeAll(startWasm);
afterAll(printErrors);

describe.each(['MLP, d = 1', 'MLP, d = 3, tanh', 'CNN with max-pool and softmax, d = 4'])('%s', (name) => {
  it.each([4, undefined])(
    'has the label variance of its definition among %s neighbours',
    async (neighbours) => {
      const specimen = build(name);
      await using engine = await open(specimen.model);
      const seen = await engine.perspective(given(specimen));
      const set = jacobians(specimen.model, specimen.inputs);
      const d = set.outputs;
      const classifier = engine.network.outputs[0]!.lookedThrough !== null;
      const next = noise(31);
      const ids = set.values.map(() => Math.floor(((next() + 1) / 2) * d));
      const rows = ids.map((id) =>
        Array.from({ length: d }, (_, c) => (classifier ? Number(c === id) : Math.fround(next()))),
      );
      const labels = classifier ? ids : { shape: [set.size, d], data: Float64Array.from(rows.flat()) };
      const found = await seen.fit(labels, neighbours === undefined ? {} : { neighbours });
      expect(found.neighbours).toBe(neighbours ?? set.size - 1);
      const k = traces(exact(set).correlation);
      const truth = neighbourhoodLabels(k, rows, found.neighbours);
      expect(found.undefinedAt).toEqual([]);
      within(
        'label variance',
        name,
        distance(
          found.variance,
          truth.map(({ variance }) => variance),
        ),
        1e-4,
      );
      within(
        'label mean',
        name,
        distance(
          found.mean,
          truth.flatMap(({ mean }) => mean),
        ),
        1e-4,
      );
      within('density beside it', name, distance(found.density, soft(k)), 1e-4);
      const apart = (a: readonly number[], b: readonly number[]) =>
        a.reduce((sum, value, c) => sum + (value - b[c]!) ** 2, 0);
      const pairs = rows.flatMap((a) => rows.map((b) => apart(a, b)));
      const total = pairs.reduce((sum, value) => sum + value, 0) / (2 * set.size ** 2);
      expect(found.total).toBeCloseTo(total, 9);
      const error = set.values.map((values, i) => {
        const e = classifier ? Array.from(values, Math.exp) : [];
        const sum = e.reduce((total, value) => total + value, 0);
        return Math.hypot(
          ...Array.from(values, (value, c) => (classifier ? e[c]! / sum : value) - rows[i]![c]!),
        );
      });
      within('error of the prediction', name, distance(found.error, error), 1e-5);
      // Neighbours and density that were found before are taken as they are.
      const before = await seen.nearestOthers(found.neighbours);
      expect(await seen.fit(labels, { neighbours: before })).toEqual(found);
      const density = new Float32Array(set.size).fill(1.5);
      expect(await seen.fit(labels, { neighbours: before, density })).toEqual({ ...found, density });
      specimen.model.dispose();
    },
  );
});

/** f(x) = w·x without bias: similarities are cosines of the inputs. */
const cosines = () => {
  const model = randomise(
    tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1, useBias: false })] }),
    32,
  );
  return model;
};

it('says where nobody is near, and how labels differ where somebody is', async () => {
  const model = cosines();
  await using engine = await open(model);
  // 0 and 1 along one axis with labels 1 and 3, 2 against both, 3 across.
  const seen = await engine.perspective({ shape: [4, 2], data: Float32Array.of(1, 0, 2, 0, -1, 0, 0, 1) });
  const found = await seen.fit(Float32Array.of(1, 3, 5, 7));
  expect(found.undefinedAt).toEqual([2, 3]);
  expect([...found.variance]).toEqual([0, 0, NaN, NaN]);
  expect([...found.mean]).toEqual([3, 1, NaN, NaN]);
  expect(found.total).toBe(5);
  model.dispose();
});

it('finds an isolated input, and inputs that are alike with labels that differ', async () => {
  const model = cosines();
  await using engine = await open(model);
  const rows = Array.from({ length: 12 }, (_, i) => (i < 11 ? [1, 0] : [1, -1]));
  const inputs = { shape: [12, 2], data: Float32Array.from(rows.flat()) };
  const seen = await engine.perspective(inputs);
  const { density, variance } = await seen.fit(Float32Array.from({ length: 12 }, (_, i) => i % 2));
  expect(density.indexOf(Math.min(...density))).toBe(11);
  expect(variance[0]).toBeGreaterThan(0.2);
  model.dispose();
});

it('counts neighbours as they were checked', async () => {
  const model = cosines();
  await using engine = await open(model);
  const inputs = { shape: [4, 2], data: Float32Array.of(1, 0, 1, 1, 0, 1, 1, 2) };
  const seen = await engine.perspective(inputs);
  const before = await seen.nearestOthers(2);
  const labels = Float32Array.of(1, 3, 5, 7);
  const found = await seen.fit(labels, { neighbours: before });
  // Long after the call was checked, in the midst of it.
  const given = { ...before, indices: before.indices.slice() };
  const progress = () => given.indices.fill(99);
  expect(await seen.fit(labels, { neighbours: given, progress })).toEqual(found);
  expect(given.indices[0]).toBe(99);
  // At once after the call, and for suspects.
  const late = { ...before, indices: before.indices.slice() };
  const calls = [seen.fit(labels, { neighbours: late }), seen.suspects(labels, 4, { neighbours: late })];
  late.indices.fill(0);
  expect(await Promise.all(calls as Promise<unknown>[])).toEqual([
    found,
    await seen.suspects(labels, 4, { neighbours: before }),
  ]);
  model.dispose();
});

it('refuses single inputs, and neighbours that are not those of the set', async () => {
  const model = cosines();
  await using engine = await open(model);
  const one = await engine.perspective({ shape: [1, 2], data: Float32Array.of(1, 0) });
  await expect(one.fit([1])).rejects.toMatchObject({ code: 'input' });
  const two = await engine.perspective({ shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) });
  await expect(two.fit([1, 2], { neighbours: 2 })).rejects.toMatchObject({ code: 'usage' });
  const strange = { count: 1, indices: Int32Array.of(1, 5), similarities: Float32Array.of(1, 1) };
  await expect(two.fit([1, 2], { neighbours: strange })).rejects.toThrow(/Neighbour 5/);
  await expect(two.fit([1, 2], { neighbours: { ...strange, count: 2 } })).rejects.toMatchObject({
    code: 'usage',
  });
  await expect(two.suspects([1, 2], 2, { neighbours: strange })).rejects.toThrow(/Neighbour 5/);
  const well = { count: 1, indices: Int32Array.of(1, 0), similarities: Float32Array.of(1, 1) };
  for (const density of [null, [1], new Float32Array(3), Float32Array.of(1, NaN)]) {
    const options = { density: density as unknown as Float32Array };
    await expect(two.fit([1, 2], options)).rejects.toMatchObject({ name: 'NetkinError', code: 'usage' });
  }
  for (const odd of [
    null,
    {},
    { ...well, count: 0, indices: new Int32Array(0), similarities: new Float32Array(0) },
    { ...well, similarities: Float32Array.of(1, NaN) },
    { ...well, similarities: Float32Array.of(Infinity, 1) },
    { ...well, indices: [0.5, 1] },
    { ...well, indices: ['1', '0'] },
    { ...well, indices: Int32Array.of(1, -1) },
  ]) {
    const options = { neighbours: odd as unknown as Neighbours };
    await expect(two.fit([1, 2], options)).rejects.toMatchObject({ name: 'NetkinError', code: 'usage' });
    await expect(two.suspects([1, 2], 2, options)).rejects.toMatchObject({
      name: 'NetkinError',
      code: 'usage',
    });
  }
  model.dispose();
});
