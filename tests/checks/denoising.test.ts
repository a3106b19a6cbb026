/**
 * D19: averages with the network's own weights, W_ij = (Σ_m K(x_i, x_m))^-1 K(x_i, x_j) and E_k[a]_i = Σ_j W_ij a_j. Of a
 * least-squares fit E_k[ŷ] = E_k[ỹ]; noise ε of the labels becomes E_k[ε] with the covariance σ² Σ_j W_ij W_ijᵀ, and
 * φ² is the trace of that over d σ².
 */
import * as tf from '@tensorflow/tfjs';
import { Matrix, solve } from 'ml-matrix';
import { type NdArray, open, type Perspective } from 'netkin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { denoise, exact } from '../oracle/kernels.js';
import { type Jacobians, jacobians } from '../oracle/network.js';
import { noise, randomInputs, startWasm } from '../oracle/random.js';
import { magnitude, printErrors, within } from '../similarity/measure.js';
import { stack } from './networks.js';

beforeAll(startWasm);
afterAll(printErrors);

const SIZE = 40;

/** A linear model of fixed features, so that a least-squares fit is one linear system. */
const ofFeatures = (d: number) =>
  stack(
    [2],
    71,
    tf.layers.dense({ units: 6, activation: 'tanh', trainable: false }),
    tf.layers.dense({ units: d, name: 'fitted' }),
  );

/** Targets that no such model fits. */
function noisy(d: number): number[][] {
  const next = noise(72);
  return Array.from({ length: SIZE }, () => Array.from({ length: d }, () => Math.fround(next())));
}

/** The change of all parameters that makes the model the least-squares fit of the labels. */
function leastSquares({ rows, values }: Jacobians, labels: readonly number[][]): number[] {
  const gradients = new Matrix(rows.flatMap((outputs) => outputs.map((row) => [...row])));
  const missing = labels.flatMap((row, i) => row.map((label, c) => label - values[i][c]));
  return solve(gradients, Matrix.columnVector(missing)).to1DArray();
}

describe.each([1, 3])('D19: a least-squares fit of %d outputs', (d) => {
  it('has E_k[ŷ] = E_k[ỹ] within 1e-12 in float64', () => {
    const model = ofFeatures(d);
    const set = jacobians(model, [randomInputs(73, [SIZE, 2], 2)]);
    const labels = noisy(d);
    const change = leastSquares(set, labels);
    const fitted = set.rows.map((outputs, i) =>
      outputs.map((row, c) => row.reduce((sum, g, p) => sum + g * change[p], set.values[i][c])),
    );
    within('D19 float64: E_k[ŷ] − E_k[ỹ]', `d = ${d}`, denoise(exact(set), labels, fitted).residual, 1e-12);
    model.dispose();
  });

  it('has E_k[ŷ] = E_k[ỹ] within 1e-6 in the engine, and no other model has', async () => {
    const model = ofFeatures(d);
    const inputs = randomInputs(73, [SIZE, 2], 2);
    const labels = noisy(d);
    const given = { shape: [SIZE, d], data: Float32Array.from(labels.flat()) };
    const residual = async () => {
      await using engine = await open(model);
      return (await (await engine.perspective(inputs)).denoise(given)).residual;
    };
    expect(await residual()).toBeGreaterThan(0.05);
    const change = leastSquares(jacobians(model, [inputs]), labels);
    const [kernel, bias] = model.layers[2].getWeights();
    model.layers[2].setWeights([
      tf.add(kernel, tf.tensor2d(change.slice(0, kernel.size), kernel.shape as [number, number])),
      tf.add(bias, tf.tensor1d(change.slice(kernel.size))),
    ]);
    within('D19 engine: E_k[ŷ] − E_k[ỹ]', `d = ${d}`, await residual(), 1e-6);
    model.dispose();
  });
});

it('D19: points that have nothing in common keep their noise, φ = 1', async () => {
  const model = stack([7], 74, tf.layers.dense({ units: 2, useBias: false }));
  const data = Float32Array.from({ length: 49 }, (_, i) => (i % 8 === 0 ? 1 + i / 8 : 0));
  await using engine = await open(model);
  const labels = randomInputs(75, [7, 2]);
  const { factor, labels: averaged } = await (await engine.perspective({ shape: [7, 7], data })).denoise(
    labels,
  );
  expect([...factor]).toEqual(Array(7).fill(1));
  expect([...averaged]).toEqual([...labels.data]);
  model.dispose();
});

/** W, [i][j] blocks of d × d: what the engine makes of labels that are 1 in one place. */
async function weightsOf(seen: Perspective, n: number, d: number): Promise<Matrix[][]> {
  const weights = Array.from({ length: n }, () => Array.from({ length: n }, () => Matrix.zeros(d, d)));
  for (let j = 0; j < n * d; j++) {
    const unit: NdArray = { shape: [n, d], data: new Float32Array(n * d).fill(1, j, j + 1) };
    const { labels } = await seen.denoise(unit);
    labels.forEach((value, k) => {
      weights[Math.floor(k / d)][Math.floor(j / d)].set(k % d, j % d, value);
    });
  }
  return weights;
}

/** Normally distributed numbers, two from two uniform ones. */
function gaussian(seed: number): () => number {
  const next = noise(seed);
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log((1 - next()) / 2));
    const angle = Math.PI * next();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

it('D19: over 200 000 draws of noise the covariance of E_k[ε] is σ² Σ W Wᵀ within 3 %, not σ² Σ Wᵀ W', async () => {
  const [n, d, sigma, draws] = [8, 2, 0.7, 200_000];
  // Outputs of unlike scale that share functions: weights are far from symmetric there.
  const scale = tf.layers.dense({ units: d, useBias: false, trainable: false });
  const hidden = tf.layers.dense({ units: 9, activation: 'tanh' });
  const model = stack([2], 76, hidden, tf.layers.dense({ units: d }), scale);
  scale.setWeights([
    tf.tensor2d([
      [5, 1],
      [0, 1],
    ]),
  ]);
  await using engine = await open(model);
  const seen = await engine.perspective(randomInputs(77, [n, 2], 2));
  const weights = await weightsOf(seen, n, d);
  const rows = weights.flatMap((blocks) =>
    Array.from({ length: d }, (_, c) => Float64Array.from(blocks.flatMap((block) => block.getRow(c)))),
  );
  const next = gaussian(78);
  const drawn = new Float64Array(n * d);
  const averaged = new Float64Array(n * d);
  const products = Array.from({ length: n }, () => Matrix.zeros(d, d));
  for (let draw = 0; draw < draws; draw++) {
    for (let j = 0; j < n * d; j++) drawn[j] = sigma * next();
    rows.forEach((row, r) => {
      let sum = 0;
      for (let j = 0; j < n * d; j++) sum += row[j] * drawn[j];
      averaged[r] = sum;
    });
    products.forEach((product, i) => {
      for (let c = 0; c < d; c++)
        for (let e = 0; e < d; e++)
          product.set(c, e, product.get(c, e) + averaged[i * d + c] * averaged[i * d + e]);
    });
  }
  const { factor, covariance } = await seen.denoise(randomInputs(79, [n, d]));
  const total = (of: (weight: Matrix) => Matrix, i: number) =>
    weights[i].reduce((sum, weight) => sum.add(of(weight)), Matrix.zeros(d, d)).mul(sigma ** 2);
  const away = (one: Matrix, other: Matrix) => Matrix.sub(one, other).norm() / other.norm();
  const swapped = products.map((product, i) => {
    const measured = Matrix.div(product, draws);
    const where = `input ${i}`;
    within(
      'D19 Monte Carlo: covariance',
      where,
      away(
        measured,
        total((w) => w.mmul(w.transpose()), i),
      ),
      0.03,
    );
    const told = new Matrix(
      Array.from({ length: d }, (_, c) => [...covariance.subarray((i * d + c) * d, (i * d + c + 1) * d)]),
    ).mul(sigma ** 2);
    within('D19 Monte Carlo: covariance told by denoise', where, away(measured, told), 0.03);
    within(
      'D19 engine: Σ W Wᵀ',
      where,
      away(
        told,
        total((w) => w.mmul(w.transpose()), i),
      ),
      1e-9,
    );
    const stated = factor[i] ** 2 * d * sigma ** 2;
    within('D19 Monte Carlo: φ² d σ²', where, Math.abs(measured.trace() / stated - 1), 0.03);
    return away(
      measured,
      total((w) => w.transpose().mmul(w), i),
    );
  });
  expect(magnitude(swapped)).toBeGreaterThan(0.1);
  model.dispose();
});
