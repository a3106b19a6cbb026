/**
 * D24: sets of one to five inputs, numbers of either precision, and what is not finite: the right number, or a refusal
 * that says what is wrong. Zero gradients, duplicates and singular kernels are D24 in tests/similarity/degenerate.test.ts.
 */
import * as tf from '@tensorflow/tfjs';
import { type NdArray, open, type Perspective } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { denoise, exact, hard, power, soft, traces, uncertainty } from '../oracle/kernels.js';
import { jacobians } from '../oracle/network.js';
import { randomInputs, startWasm } from '../oracle/random.js';
import { distance, magnitude, printErrors, relative, within } from '../similarity/measure.js';
import { perceptron, stack } from './networks.js';

beforeAll(startWasm);
afterAll(printErrors);

describe.each([1, 2, 3, 4, 5])('D24: a set of %d', (n) => {
  it.each([1, 2, 3])('has every measure of its definition, d = %d', async (d) => {
    const model = perceptron([3, 10, d], 'tanh', 61);
    const inputs = randomInputs(62, [n, 3]);
    const set = jacobians(model, [inputs]);
    const wanted = exact(set);
    const k = traces(wanted.correlation);
    await using engine = await open(model);
    const seen = await engine.perspective(inputs);
    const where = `N = ${n}, d = ${d}`;
    within('D24 k^C', where, distance((await seen.matrix()).data, k.flat()), 2e-6);
    within('D24 soft', where, distance(await seen.density(), soft(k)), 5e-6);
    expect([...(await seen.density({ hard: 0.5 }))]).toEqual(hard(k, 0.5));
    within('D24 power', where, relative(await seen.density({ power: 2 }), power(k, 2)), 5e-6);
    const inverse = (values: ArrayLike<number>) => Array.from(values, (value) => 1 / value);
    const certain = inverse(uncertainty(wanted));
    const found = inverse(await seen.uncertainty());
    within('D24 1 / uncertainty', where, distance(found, certain) / magnitude(certain), 5e-6);
    const { indices } = await seen.nearest();
    expect(indices.length).toBe(n * n);
    for (let i = 0; i < n; i++) expect(indices[i * n]).toBe(i);
    expect((await seen.nearestOthers(n - 1 || 1).catch(({ code }) => code)) === 'usage').toBe(n === 1);
    const labels = randomInputs(63, [n, d]);
    const table = Array.from({ length: n }, (_, i) => [...labels.data.subarray(i * d, i * d + d)]);
    const truth = denoise(
      wanted,
      table,
      set.values.map((row) => [...row]),
    );
    const denoised = await seen.denoise(labels);
    expect(denoised.undefinedAt).toEqual([]);
    const flat = truth.labels.flat();
    within('D24 denoised', where, distance(denoised.labels, flat) / magnitude(flat), 1e-4);
    within('D24 φ', where, relative(denoised.factor, truth.factor), 1e-4);
    model.dispose();
  });
});

describe('D24: numbers', () => {
  const everything = async (seen: Perspective) => [
    seen.logits,
    await seen.matrix(),
    await seen.density(),
    await seen.nearest(),
  ];

  it('in float64 are taken as float32, with the same bits', async () => {
    const model = perceptron([3, 10, 2], 'tanh', 64);
    await using engine = await open(model);
    const { shape, data } = randomInputs(65, [9, 3]);
    const wide = { shape, data: Float64Array.from(data, (value) => value + 1e-12) };
    const [one, other] = [await engine.perspective({ shape, data }), await engine.perspective(wide)];
    expect(await everything(other)).toEqual(await everything(one));
    model.dispose();
  });

  it.each([
    ['NaN', Float32Array.of(1, 2, 3, 4, NaN, 6), /NaN/],
    ['infinity', Float32Array.of(1, 2, 3, 4, -Infinity, 6), /Infinity/],
    ['more than float32 holds', Float64Array.of(1, 2, 3, 4, 1e39, 6), /does not fit float32/],
  ])('that are %s are refused with their place', async (_, data, message) => {
    const model = perceptron([3, 10, 2], 'tanh', 64);
    await using engine = await open(model);
    const inputs: NdArray = { shape: [2, 3], data };
    const refusal = engine.perspective(inputs);
    await expect(refusal).rejects.toMatchObject({ name: 'NetkinError', code: 'input' });
    await expect(refusal).rejects.toThrow(message);
    model.dispose();
  });

  it.each([
    ['in a gradient row', 'relu', 1],
    ['in the activities of a layer kept as factors', 'linear', 2],
  ] as const)('that overflow %s are refused with the input and the layer', async (_, activation, units) => {
    const model = stack(
      [2],
      66,
      tf.layers.dense({ units: 3, activation, name: 'first' }),
      tf.layers.dense({ units, name: 'second' }),
    );
    model.layers[1].setWeights([tf.fill([2, 3], 1e30), tf.zeros([3])]);
    await using engine = await open(model, { check: false, batch: 4 });
    const data = Float32Array.from({ length: 40 }, () => 1e-30);
    expect((await engine.perspective({ shape: [20, 2], data })).size).toBe(20);
    data[26] = 1e20;
    const overflowing = engine.perspective({ shape: [20, 2], data });
    await expect(overflowing).rejects.toMatchObject({ name: 'NetkinError', code: 'input' });
    await expect(overflowing).rejects.toThrow(/^Layer 'second': the gradient of input 13 /);
    model.dispose();
  });
});
