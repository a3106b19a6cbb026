/**
 * D10: logits have an invertible K(x,x); log-probabilities that a network computes in a way of its own never have, and are
 * compared through a pseudo-inverse with the rank reported.
 */
import * as tf from '@tensorflow/tfjs';
import { EigenvalueDecomposition } from 'ml-matrix';
import { open } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Operation } from '../network/operation.js';
import { softmax } from '../oracle/activations.js';
import { exact, kernelBlock, traces } from '../oracle/kernels.js';
import { jacobians } from '../oracle/network.js';
import { randomInputs, startWasm } from '../oracle/random.js';
import { pointwise } from '../oracle/tape.js';
import { distance } from './measure.js';

const CLASSES = 10;
const { layers } = tf;
const inputs = randomInputs(1, [20, 12]);
const fresh: tf.LayersModel[] = [];

beforeAll(startWasm);
afterAll(() => {
  for (const model of fresh) model.dispose();
});

/** As tfjs starts it, with a seed: 12 → 32 → 24 → 10. */
function network(...ending: tf.layers.Layer[]): tf.LayersModel {
  const start = (seed: number) => ({ kernelInitializer: tf.initializers.glorotUniform({ seed }) });
  const model = tf.sequential({
    layers: [
      layers.dense({ units: 32, activation: 'relu', inputShape: [12], ...start(1) }),
      layers.dense({ units: 24, activation: 'relu', ...start(2) }),
      layers.dense({ units: CLASSES, ...start(3) }),
      ...ending,
    ],
  });
  fresh.push(model);
  return model;
}

/** Logarithms of a softmax, which no log-softmax of tfjs's is. */
const ownLogSoftmax = () =>
  new Operation(
    ([x]) => tf.log(tf.softmax(x!)),
    (tape, [x]) =>
      pointwise(
        tape,
        softmax(tape, x!),
        (p) => Math.log(p),
        (p) => 1 / p,
      ),
  );

/** Eigenvalues of every K(x,x), ascending. */
const spectra = (model: tf.LayersModel) =>
  jacobians(model, [inputs]).rows.map((row) =>
    new EigenvalueDecomposition(kernelBlock(row, row), { assumeSymmetric: true }).realEigenvalues.sort(
      (a, b) => a - b,
    ),
  );

describe('logits of a fresh network', () => {
  it('have an invertible K(x,x): condition below 1000 (D10)', async () => {
    const model = network();
    for (const values of spectra(model)) expect(values.at(-1)! / values[0]!).toBeLessThan(1e3);
    await using engine = await open(model);
    const seen = await engine.perspective(inputs);
    expect(seen.flags).toEqual({ zero: [], singular: [], nearlySingular: [] });
    expect(seen.ranks).toEqual(new Int32Array(20).fill(CLASSES));
  });
});

describe('log-probabilities of the network’s own', () => {
  it('have rank d − 1 at every input, in the twin', () => {
    for (const values of spectra(network(ownLogSoftmax()))) {
      expect(Math.abs(values[0]!) / values.at(-1)!).toBeLessThan(1e-14);
      expect(values[1]! / values.at(-1)!).toBeGreaterThan(1e-2);
    }
  });

  it('are flagged with that rank, and compared as the twin compares them', async () => {
    const model = network(ownLogSoftmax());
    await using engine = await open(model);
    expect(engine.network.outputs[0]!.lookedThrough).toBeNull();
    const seen = await engine.perspective(inputs);
    expect(seen.flags).toEqual({ zero: [], singular: [...Array(20).keys()], nearlySingular: [] });
    expect(seen.ranks).toEqual(new Int32Array(20).fill(CLASSES - 1));
    const wanted = traces(exact(jacobians(model, [inputs])).correlation);
    expect(distance((await seen.matrix()).data, wanted.flat())).toBeLessThan(5e-6);
    expect(await seen.similarity(3, 3)).toBe(0.9);
    const again = await engine.reopen(await seen.save());
    expect(again.ranks).toEqual(seen.ranks);
  });
});

it('a zero gradient has rank 0, and ranks are the caller’s to change', async () => {
  const model = tf.sequential({
    layers: [
      layers.dense({
        units: 3,
        useBias: false,
        activation: 'relu',
        inputShape: [1],
        kernelInitializer: 'ones',
      }),
      layers.dense({ units: 2, useBias: false }),
    ],
  });
  fresh.push(model);
  await using engine = await open(model);
  const seen = await engine.perspective({ shape: [3, 1], data: Float32Array.of(1, -1, 2) });
  expect([...seen.ranks]).toEqual([2, 0, 2]);
  seen.ranks.fill(7);
  expect(seen.flags.zero).toEqual([1]);
  expect(await seen.similarity(0, 0)).toBe(1);
});
