/**
 * D15 and D18: the nearest inputs and their histogram, and the similarity of a whole group in linear time:
 * ‖mean ĝ‖² is the mean of all pairs' k^C, each input with itself included.
 */
import * as tf from '@tensorflow/tfjs';
import { type NdArray, open } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { densityOf } from '../../src/analysis/crowding.js';
import { histogramOfPairs } from '../../src/analysis/pairs.js';
import { exact, kernelBlock, traces } from '../oracle/kernels.js';
import { type Jacobians, jacobians } from '../oracle/network.js';
import { randomInputs, startWasm } from '../oracle/random.js';
import { whitened } from '../oracle/theorems.js';
import { build, given, specimens } from '../oracle/zoo.js';
import { printErrors, within } from '../similarity/measure.js';
import { perceptron, stack } from './networks.js';

beforeAll(startWasm);
afterAll(printErrors);

const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** 60 inputs, of which each third is a copy of the one three before it: 20 groups of equals cannot be told apart. */
function withCopies(): NdArray<Float32Array> {
  const { shape, data } = randomInputs(51, [60, 4]);
  return { shape, data: data.map((value, i) => (Math.floor(i / 4) % 3 === 2 ? data[(i % 4) + 8] : value)) };
}

describe('D15: the nearest inputs', () => {
  it('are each input itself first, with exactly 1, then equals by index, even where 20 inputs are one', async () => {
    for (const d of [1, 3]) {
      const model = perceptron([4, 12, d], 'tanh', 52);
      await using engine = await open(model);
      const seen = await engine.perspective(withCopies());
      const { indices, similarities } = await seen.nearest(undefined, 60);
      for (let i = 0; i < 60; i++) {
        const row = [...indices.subarray(i * 60, (i + 1) * 60)];
        const values = similarities.subarray(i * 60, (i + 1) * 60);
        expect([row[0], values[0]]).toEqual([i, 1]);
        expect([...row].sort((a, b) => a - b)).toEqual([...Array(60).keys()]);
        for (let rank = 2; rank < 60; rank++) {
          expect(values[rank]).toBeLessThanOrEqual(values[rank - 1]);
          if (values[rank] === values[rank - 1]) expect(row[rank]).toBeGreaterThan(row[rank - 1]);
        }
        // Copies have the same similarity to the bit, so that they follow each other, ascending.
        const copies = row.filter((j) => j % 3 === 2 && j !== i);
        expect(copies).toEqual([...copies].sort((a, b) => a - b));
      }
      model.dispose();
    }
  });

  it('of inputs without any gradient, 0 to everything, come by index', async () => {
    const model = stack(
      [2],
      53,
      tf.layers.dense({ units: 4, activation: 'relu', useBias: false }),
      tf.layers.dense({ units: 1, useBias: false }),
    );
    await using engine = await open(model);
    const { shape, data } = randomInputs(54, [20, 2]);
    const seen = await engine.perspective({ shape, data: data.map((value, i) => (i % 8 < 4 ? 0 : value)) });
    // Inputs of zeros, and two for which no unit is alive.
    expect(seen.flags.zero).toEqual([0, 1, 4, 5, 7, 8, 9, 12, 13, 14, 16, 17]);
    const { indices, similarities } = await seen.nearest(4, 20);
    expect([...similarities]).toEqual(Array(20).fill(0));
    expect([...indices]).toEqual([4, ...[...Array(20).keys()].filter((i) => i !== 4)]);
    model.dispose();
  });
});

describe('D15: histograms', () => {
  it('of pairs count each pair once; with each input among its neighbours the counts sum to N', async () => {
    const specimen = build('CNN with max-pool and softmax, d = 4');
    await using engine = await open(specimen.model);
    const seen = await engine.perspective(given(specimen));
    const n = seen.size;
    const labels = Array.from({ length: n }, (_, i) => i % 3);
    const pairs = histogramOfPairs(labels);
    await seen.nearestOthers(3, { visit: pairs.visit });
    const { counts, byLabel } = pairs.result();
    expect(mean(counts) * counts.length).toBe((n * (n - 1)) / 2);
    expect(mean(byLabel!.same) * counts.length).toBe((3 * ((n / 3) * (n / 3 - 1))) / 2);
    const { data } = await seen.matrix();
    const bin = (k: number) => Math.min(counts.length - 1, Math.floor(((k + 1) / 2) * counts.length));
    const wanted = new Array<number>(counts.length).fill(0);
    data.forEach((k, pair) => {
      if (pair % n > Math.floor(pair / n)) wanted[bin(k)]++;
    });
    expect(Array.from(counts)).toEqual(wanted);
    specimen.model.dispose();
  });

  it('of N_S count N inputs, with an example inside each bin that is not empty', async () => {
    const model = perceptron([4, 12, 1], 'tanh', 55);
    await using engine = await open(model);
    const density = await (await engine.perspective(randomInputs(56, [300, 4], 2))).density();
    const { bins } = densityOf(density);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(300);
    bins.forEach(({ from, to, count, example }, b) => {
      expect(example === null).toBe(count === 0);
      if (example === null) return;
      expect(density[example]).toBeGreaterThanOrEqual(from - 1e-4);
      expect(density[example]).toBeLessThan(to + (b === bins.length - 1 ? 1e-4 : 0) + 1e-4);
    });
    model.dispose();
  });
});

/** ‖mean Ĝ‖_F² / d. */
function groupSimilarity(set: Jacobians): number {
  const { rows, outputs } = whitened(set);
  const centre = rows[0].map((row, c) => row.map((_, p) => mean(rows.map((own) => own[c][p]))));
  return kernelBlock(centre, centre).trace() / outputs;
}

/** An image in 9 places of a larger one: its orbit under shifts without wrapping. */
function orbit(seed: number): NdArray<Float32Array> {
  const { data } = randomInputs(seed, [4, 4]);
  const images = Array.from({ length: 9 }, (_, k) =>
    Float32Array.from({ length: 36 }, (_, i) => {
      const [row, column] = [Math.floor(i / 6) - Math.floor(k / 3), (i % 6) - (k % 3)];
      return row >= 0 && row < 4 && column >= 0 && column < 4 ? data[row * 4 + column] : 0;
    }),
  );
  return { shape: [9, 6, 6, 1], data: Float32Array.from(images.flatMap((image) => [...image])) };
}

const seesShifts = () =>
  stack(
    [6, 6, 1],
    57,
    tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'tanh' }),
    tf.layers.averagePooling2d({ poolSize: 2 }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 2 }),
  );

describe('D18: ‖mean ĝ‖² is the mean k^C of all pairs', () => {
  it.each(specimens)('in float64 within 1e-12: %s', (name) => {
    const { model, inputs } = build(name);
    const set = jacobians(model, inputs);
    const pairs = mean(traces(exact(set).correlation).flat());
    within('D18 float64: ‖mean ĝ‖² − mean k^C', name, Math.abs(groupSimilarity(set) - pairs), 1e-12);
    model.dispose();
  });

  it.each(specimens)('in the engine: the mean of the soft density / N, in linear time: %s', async (name) => {
    const specimen = build(name);
    const set = jacobians(specimen.model, specimen.inputs);
    await using engine = await open(specimen.model);
    const density = await (await engine.perspective(given(specimen))).density();
    const error = Math.abs(mean(density) / set.size - groupSimilarity(set));
    within('D18 engine: mean N_S / N − ‖mean ĝ‖²', name, error, 1e-6);
    specimen.model.dispose();
  });

  it('an orbit of shifts: the mean of its pairs below 1, in float64 and in the engine', async () => {
    const model = seesShifts();
    const set = jacobians(model, [orbit(58)]);
    const group = groupSimilarity(set);
    const pairs = mean(traces(exact(set).correlation).flat());
    within('D18 float64: orbit', 'shifts', Math.abs(group - pairs), 1e-12);
    expect(group).toBeLessThan(0.99);
    await using engine = await open(model);
    const density = await (await engine.perspective(orbit(58))).density();
    within('D18 engine: orbit', 'shifts', Math.abs(mean(density) / 9 - group), 1e-6);
    model.dispose();
  });
});
